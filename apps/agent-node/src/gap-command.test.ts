import type { AgentCommand } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import { FlowSet, type SchemaLookup } from '@truc/pipeline';
import { createLogger, Telemetry } from '@truc/telemetry';
import { policyOfDocuments, residentDocuments } from './applied-policy.test-data.js';
import { captureName } from './capture-plans.js';
import { agentConfiguration } from './configuration.js';
import { obeyResolve, type GapCommandParts } from './gap-command.js';

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
      entries: policyOfDocuments(residentDocuments()),
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
      hasVersion: () => Promise.resolve(true),
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
