import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePolicy, planApply, type AgentCommand } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import { FlowSet, type SchemaLookup } from '@truc/pipeline';
import { createLogger, Telemetry } from '@truc/telemetry';
import { captureName } from './capture-plans.js';
import { agentConfiguration } from './configuration.js';
import { obeyResolve, type GapCommandParts } from './gap-command.js';

const root = join(import.meta.dirname, '../../../schemas/dictionary');
const dictionary = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const title = '{vi: a, en: a}';
const urn = (name: string): string => `urn:vn:ddict:element:${name}`;
const documents = `agency: {code: G01, name: ${title}}
---
dataset: {name: population.resident, agency: G01, title: ${title}}
---
source: {agency: G01, database: population, schema: dancu, name: ${title}}
tables:
  - table: dancu.cong_dan
    subject: resident
    publish: true
    primaryKey: [id]
    identification: {column: so_dinh_danh, element: ${urn('person.personal-id')}}
    columns:
      - {column: ho_ten, element: ${urn('person.full-name')}}
`;

// Nothing listens there: whoever goes on to the brokers or the source fails in words of its own.
const nowhere = '127.0.0.1:1';
const kafka = { brokers: [nowhere], username: 'agent.g01', password: 'x', mechanism: 'SCRAM-SHA-512' };
const command: AgentCommand = {
  id: '0190a0a0-0000-4000-8000-000000000000',
  command: 'resolve',
  source: 'population',
  target: null,
  resolution: { gap: 'CAPTURE_SLOT_MISSING', reason: 'test' },
  deadlineMs: 1,
  principal: 'alice',
};

describe('the resolution of a gap', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const flows = new FlowSet();

  async function partsWith(schemas: SchemaLookup): Promise<GapCommandParts> {
    const planned = planApply([...dictionary, { path: 'documents.yaml', text: documents }], { documents: [], release: null });
    if ('problems' in planned) throw new Error(planned.problems.map(({ message }) => message).join('\n'));
    const { common, byAgency } = compilePolicy(planned.plan.documents, planned.plan.release);
    const { seats } = agentConfiguration.parse({
      port: 0,
      seats: [
        {
          agency: 'G01',
          kafka,
          registry: { url: `http://${nowhere}`, principal: 'agent.g01', token: 'x' },
          sources: { population: { url: `postgres://x@${nowhere}/x`, slot: 'x', publication: 'x' } },
        },
      ],
    });
    const gap = new TrucError('CAPTURE_SLOT_MISSING', 'gone');
    await flows.follow([{ name: captureName('population'), from: 1, run: () => Promise.reject(gap) }]);
    while (flows.states()[captureName('population')]?.kind !== 'stopped') await new Promise((resolve) => setImmediate(resolve));
    return {
      seat: seats[0]!,
      flows,
      entries: [...common, ...[...byAgency.values()].flat()],
      connection: { ...seats[0]!.kafka, password: 'x' },
      schemas,
      telemetry,
      log: createLogger('test', { level: 'silent' }),
    };
  }

  afterEach(async () => {
    await flows.close();
    await telemetry.shutdown();
  });

  it('is given up when another node takes over meanwhile, says so, and leaves the gap to that one', async () => {
    const lost = new AbortController();
    let asked = 0;
    const schemas: SchemaLookup = {
      idOf: () => {
        asked += 1;
        lost.abort();
        return Promise.resolve(1);
      },
      schemaById: () => Promise.resolve(null),
    };
    const reply = await obeyResolve(command, await partsWith(schemas), lost.signal);
    expect(asked).toBeGreaterThan(0);
    expect(reply).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^given up: this node no longer acts for the source/) as string,
      detail: { 'source/population': { kind: 'stopped', code: 'CAPTURE_SLOT_MISSING' } },
    });
  });
});
