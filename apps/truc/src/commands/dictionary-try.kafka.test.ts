import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCodec, frame } from '@truc/avro';
import { encodeMasterDataKey, masterDataKeySchema, partitionForCode, positionHeaders } from '@truc/change-event';
import { compilePolicy, planApply, type DatasetPolicy, type DocumentFile, type PolicyEntry } from '@truc/coordination';
import type { DictionaryContent } from '@truc/dictionary';
import { openLogAdmin, openLogWriter } from '@truc/kafka';
import { personalId, startTestRegistry, testKafka, TestSchemas } from '@truc/testing';
import { CommandLine } from './command-line.test-data.js';

const root = new URL('../../../../schemas/dictionary/', import.meta.url);
const dictionary: DocumentFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
const urn = (name: string): string => `urn:vn:ddict:element:${name}`;
const documents: DocumentFile[] = [
  {
    path: 'population.yaml',
    text: `agency: {code: G01, name: {vi: a, en: a}}
---
dataset: {name: population.resident, agency: G01, title: {vi: a, en: a}, partitions: 2}
---
source: {agency: G01, database: population, schema: dancu, name: {vi: a, en: a}}
tables:
  - table: dancu.cong_dan
    subject: resident
    publish: true
    primaryKey: [so]
    identification: {column: so, element: ${urn('person.personal-id')}}
    columns:
      - {column: ho_ten, element: ${urn('person.full-name')}}
`,
  },
];

describe('truc dictionary try --log', () => {
  const kafka = testKafka();
  const { prefix, ...connection } = kafka;
  const schemas = new TestSchemas();
  const line = new CommandLine();
  const canary = 'Nguyễn Thị Canary';
  let registry: Awaited<ReturnType<typeof startTestRegistry>>;
  let entries: PolicyEntry[];
  let now: DictionaryContent;
  let next: DictionaryContent;
  let topic: string;

  beforeAll(async () => {
    const planned = planApply([...dictionary, ...documents], { documents: [], release: null });
    if ('problems' in planned) throw new Error(JSON.stringify(planned.problems));
    const { plan } = planned;
    const { common, byAgency } = compilePolicy(plan.documents, plan.release);
    now = plan.newRelease!.content;
    next = {
      ...now,
      valueDomains: now.valueDomains.map((domain) =>
        domain.id.endsWith(':person-name') ? { ...domain, version: '2.0.0', maxLength: 10 } : domain,
      ),
    };
    const dataset = common.find((entry): entry is DatasetPolicy => entry.kind === 'dataset')!;
    topic = `${prefix}.${dataset.topic}`;
    entries = [{ ...dataset, topic }, ...[...byAgency.values()].flat()];

    const keyId = schemas.register(`${topic}-key`, masterDataKeySchema);
    const valueId = schemas.register(`${topic}-value`, dataset.valueSchema);
    const codec = compileCodec(dataset.valueSchema);
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([{ name: topic, partitions: 2, config: {} }]);
    await admin.close();
    const partitions = [0, 1].map((partition) => ({ topic, partition }));
    const writer = await openLogWriter({ connection, transactionalId: `${prefix}.agent`, partitions });
    await writer.write(
      Array.from({ length: 40 }, (_, index) => {
        const code = personalId(index);
        const source = {
          connector: 'postgresql',
          sourceId: 'g01.population',
          ts_ms: 1_700_000_000_000n,
          snapshot: false,
          txId: null,
          epoch: 1,
          sequence: 7n,
          index: BigInt(index),
          release: 1,
        };
        const after = { person_personal_id: code, person_full_name: index % 4 === 0 ? canary : 'An' };
        return {
          topic,
          partition: partitionForCode(code, 2),
          key: encodeMasterDataKey({ scheme: 'personal-id', code, row: '' }, keyId),
          value: frame(valueId, codec.encode({ before: null, after, source, op: 'c', ts_ms: 0n, transaction: null })),
          headers: positionHeaders({ epoch: 1, sequence: 7n, index }),
          timestampMs: 1_700_000_000_000,
        };
      }),
    );
    await writer.flush();
    await writer.close();

    registry = await startTestRegistry(schemas);
    await line.open();
    const path = '/v1/dictionary/proposals/3';
    line.answers = {
      [`GET ${path}/trial`]: { body: { release: 2, problems: [], subjects: [], hidden: 0 } },
      [`GET ${path}/release`]: { body: { number: 2, content: next, problems: [] } },
      'GET /v1/dictionary/releases/latest': { body: { number: 1, content: now } },
      'GET /v1/policy': { body: { entries: entries.map((entry) => ({ key: '', entry })) } },
    };
    const { brokers, username, mechanism } = connection;
    writeFileSync(join(line.directory, 'password'), connection.password);
    const service = {
      host: '127.0.0.1',
      kafka: { brokers, username, mechanism, password: { file: 'password' } },
      registry: { url: registry.url, principal: 'general-database', token: { file: 'password' } },
    };
    writeFileSync(join(line.directory, 'general-database.json'), JSON.stringify(service));
  }, 60_000);

  afterAll(async () => {
    await registry?.close();
    line.close();
    const admin = openLogAdmin({ connection });
    await admin.deleteTopics([topic]).catch(() => {});
    await admin.close();
  });

  it('says how many rows of the log would go to quarantine, by rule and agency, and shows none of them', async () => {
    const { code, out, err } = await line.run('dictionary', 'try', '3', '--log', 'general-database.json');
    expect({ code, err }).toEqual({ code: 2, err: '' });
    const cells = out.split('\n').map((text) => text.split(/ {2,}/));
    expect(cells).toContainEqual(['G01', 'population.resident', '40', '10', '10', '0']);
    expect(cells).toContainEqual(['G01', 'population.resident', 'V2', urn('person.full-name'), 'too-long', '10', '10']);
    const json = await line.run('dictionary', 'try', '3', '--log', 'general-database.json', '-o', 'json');
    expect(JSON.parse(json.out)).toMatchObject({ proposal: 3, release: 2, log: [{ agency: 'G01', records: 40, held: 10, newlyHeld: 10 }] });
    for (const text of [out, json.out]) {
      expect(text).not.toContain('Canary');
      expect(text).not.toContain(personalId(0));
    }
  });

  it('finds nothing in the release of now', async () => {
    line.answers['GET /v1/dictionary/proposals/3/release'] = { body: { number: 2, content: now, problems: [] } };
    const { code, out } = await line.run('dictionary', 'try', '3', '--log', 'general-database.json', '--dataset', 'population.resident');
    expect({ code, last: out.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, last: 'nothing breaks' });
  });

  it('says what it may not do, and leaves no password in it', async () => {
    const bad = JSON.parse(readFileSync(join(line.directory, 'general-database.json'), 'utf8')) as { kafka: object };
    writeFileSync(join(line.directory, 'bad.json'), JSON.stringify({ ...bad, kafka: { ...bad.kafka, username: 'nobody' } }));
    const denied = await line.run('dictionary', 'try', '3', '--log', 'bad.json');
    expect(denied.code).toBe(1);
    expect(denied.err).not.toContain(connection.password);
    expect((await line.run('dictionary', 'try', '3', '--log', 'none.json')).err).toContain('cannot be read');
    expect((await line.run('dictionary', 'try', '3', '--dataset', 'x')).code).toBe(3);
    expect((await line.run('dictionary', 'try', '3', '--log', 'general-database.json', '--dataset', 'x')).err).toContain('no dataset "x"');
  });
});
