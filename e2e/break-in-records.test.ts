import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCodec, unframe } from '@truc/avro';
import { shippedSchema } from '@truc/change-event';
import { topicNames, type DatasetPolicy } from '@truc/coordination';
import { openLogReader, openLogWriter } from '@truc/kafka';
import type { Row } from '@truc/kernel';
import { checkoutRoot, freePorts, removeBackbone, startBackbone, type Backbone, type BackboneApp } from '@truc/local-stack';
import type { LogRecord, StoredRecord } from '@truc/pipeline';
import { eventually, uniqueTestName } from '@truc/testing';
import pg from 'pg';
import { ForgedEvents } from './forged-events.js';
import { Intruder } from './intruder.js';

/**
 * What an agency could write into its own topic, which nobody keeps it from, and what somebody could send again into a view: nothing comes past a consumer that is not what it says, nothing turns a row
 * back, and each attempt shows in the metrics and in an audit.
 */
describe('an agency that means harm, in its own topic', () => {
  const directory = join(checkoutRoot, '.truc', 'test', `break-in-${uniqueTestName()}`);
  const apps: readonly BackboneApp[] = ['distributor', 'general-database', 'agent-g12'];
  const dataTopic = 'data.g01.population.resident.v1';
  /** Two persons who exist nowhere. */
  const [code, other] = ['001099777801', '001099777802'] as const;
  let backbone: Backbone;
  let intruder: Intruder;
  let dataset: DatasetPolicy;
  let viewTopic: string;
  let events: ForgedEvents;
  let valueId: number;

  const idOf = async (subject: string): Promise<number> => {
    const asked = { method: 'GET', path: `/subjects/${subject}/versions/latest` } as const;
    return (await intruder.ask('schema-registry', asked, intruder.agent('G01'))).body['id'] as number;
  };

  beforeAll(async () => {
    backbone = await startBackbone({ directory, ports: await freePorts(), residents: 100, seed: 3, only: apps });
    intruder = new Intruder(backbone);
    await eventually(async () => {
      for (const app of apps) expect((await fetch(`${intruder.url(app)}/health/ready`)).status).toBe(200);
    });
    for (const entry of await backbone.policy()) {
      if (entry.kind === 'view') viewTopic = entry.topic;
      if (entry.kind === 'dataset' && entry.topic === dataTopic) dataset = entry;
    }
    events = new ForgedEvents(dataset, await idOf(`${dataTopic}-key`));
    valueId = await idOf(`${dataTopic}-value`);
  }, 300_000);

  afterAll(async () => {
    await backbone?.stop();
    removeBackbone(directory);
  }, 60_000);

  const row = (more: Row = {}): Row => ({
    ...Object.fromEntries(dataset.fields.map(({ name }) => [name, null])),
    person_personal_id: code,
    address_province: '01',
    person_full_name: 'Nguyễn Văn Một',
    person_date_of_birth: 10_000,
    person_date_of_birth_precision: 'day',
    person_sex: '1',
    address_commune: '00004',
    person_life_status: '1',
    ...more,
  });
  const named = (name: string): Row => row({ person_full_name: name });
  const event = (sequence: bigint, after: Row, ofCode: string = code, schemaId = valueId): LogRecord =>
    events.made(sequence, after, ofCode, schemaId);

  /** Sends as a user of the brokers, under a name of its own. */
  async function send(user: string, records: readonly LogRecord[]): Promise<void> {
    const partitions = [...new Map(records.map(({ topic, partition }) => [`${topic}/${partition}`, { topic, partition }])).values()];
    const writer = await openLogWriter({ connection: intruder.user(user), transactionalId: `${user}.mischief`, partitions });
    try {
      await writer.write(records);
      await writer.flush();
    } finally {
      await writer.close();
    }
  }

  /** Everything in a topic, copied out of its batches. */
  async function recordsOf(topic: string): Promise<Pick<StoredRecord, 'key' | 'value' | 'headers' | 'partition' | 'timestampMs'>[]> {
    const { kafka } = backbone;
    const reader = openLogReader({ connection: { ...kafka, brokers: [...kafka.brokers] } });
    const found: Awaited<ReturnType<typeof recordsOf>> = [];
    try {
      for (let partition = 0; partition < ((await reader.partitions(topic)) ?? 0); partition++) {
        const { end } = await reader.bounds(topic, partition);
        if (end === 0n) continue;
        for await (const batch of reader.read([{ topic, partition, offset: -2n }], AbortSignal.timeout(10_000))) {
          for (const { key, value, headers, timestampMs } of batch.records) {
            const copied = headers.map((header) => ({ key: header.key, value: Buffer.from(header.value) }));
            found.push({ key: Buffer.from(key), value: value && Buffer.from(value), headers: copied, partition, timestampMs });
          }
          if (batch.nextOffset >= end) break;
        }
      }
      return found;
    } finally {
      await reader.close();
    }
  }

  async function storedAt(connectionString: string, table: string): Promise<string[]> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      const text = `SELECT person_full_name AS name FROM ${table} WHERE truc_code = ANY ($1)`;
      return (await client.query<{ name: string }>(text, [[code, other]])).rows.map(({ name }) => name);
    } catch {
      // The table is not there yet.
      return [];
    } finally {
      await client.end();
    }
  }

  /** What every target has of the two persons. */
  const hasOnly = (name: string): Promise<void> =>
    eventually(async () => {
      expect(await storedAt(backbone.databases.generalDatabase, 'g01.population_resident')).toEqual([name]);
      expect(await storedAt(backbone.databases.socialInsurance, 'shared.resident')).toEqual([name]);
    });

  it('does not get a record without a key into the log, for the topic is compacted', async () => {
    const { value, partition } = event(99n, row());
    const count = () => intruder.counted('broker-access', 'truc_broker_refused', { topic: dataTopic });
    const before = await count();
    const producer = intruder.kafkajs('agent.g01').producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
    try {
      await producer.connect();
      const sent = producer.send({ topic: dataTopic, messages: [{ key: null, value, partition }] });
      await expect(sent).rejects.toMatchObject({ type: 'INVALID_RECORD' });
    } finally {
      await producer.disconnect();
    }
    const line = { audit: 'broker.refused', topic: dataTopic, partition };
    await eventually(() => expect(intruder.audit('broker-access')).toContainEqual(expect.objectContaining(line)));
    expect(await count()).toBe(before + 1);
  }, 60_000);

  it('gets no record past a consumer that is not what it says', async () => {
    const foreignId = await idOf('data.g01.population.household.v1-value');
    await send('agent.g01', [event(100n, named('Nguyễn Văn Một'))]);
    await hasOnly('Nguyễn Văn Một');
    const forged: readonly (readonly [string, LogRecord])[] = [
      ['KEY_INVALID', { ...event(101n, row()), key: Buffer.alloc(0) }],
      ['SCHEMA_UNKNOWN', event(102n, row(), code, 99_999)],
      ['SCHEMA_NOT_OF_TOPIC', event(103n, row(), code, foreignId)],
      ['KEY_CODE_DIFFERS', event(104n, row(), other)],
      ['KEY_CODE_DIFFERS', event(105n, row({ person_personal_id: other }))],
      // A row that no dataset may let pass, with the mark of one that did.
      ['V5', events.made(106n, named('Nguyễn\0Một'), code, valueId, ['V5 person_full_name nul'])],
    ];
    const records = forged.map(([, record]) => record);
    await send('agent.g01', records);
    const digestOf = ({ key, value }: LogRecord): string =>
      createHash('sha256')
        .update(key)
        .update(value ?? '')
        .digest('hex');
    const codec = compileCodec(shippedSchema('RejectedRecord'));
    for (const consumer of ['general-database', 'distributor'] as const) {
      for (const reason of new Set(forged.map(([rule]) => rule))) {
        const times = forged.filter(([rule]) => rule === reason).length;
        await eventually(async () => expect(await intruder.counted(consumer, 'truc_rejected', { consumer, reason })).toBe(times));
      }
      // The audit of what a consumer rejected is a topic: where each record stands, why, and its digest.
      const found = (await recordsOf(topicNames.rejected(consumer))).map(({ value }) => {
        const told = codec.decode(unframe(value ?? Buffer.alloc(0)).body) as { topic: string; reasons: { rule: string }[]; digest: string };
        return { topic: told.topic, rules: told.reasons.map(({ rule }) => rule), digest: told.digest };
      });
      const byDigest = (all: readonly { digest: string }[]) => all.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
      expect(byDigest(found)).toEqual(
        byDigest(forged.map(([rule, record]) => ({ topic: dataTopic, rules: [rule], digest: digestOf(record) }))),
      );
    }
    await hasOnly('Nguyễn Văn Một');
  }, 60_000);

  it('turns no row back: an old position comes to nothing at every target, whoever sends it again', async () => {
    const targets = [
      { app: 'general-database', consumer: 'general-database', topic: dataTopic },
      { app: 'agent-g12', consumer: 'g12-34', topic: viewTopic },
    ] as const;
    type Target = (typeof targets)[number];
    const refusedAt = ({ app, consumer }: Target): Promise<number> =>
      intruder.counted(app, 'truc_apply_refused', { consumer, dataset: 'population.resident' });
    const toldAt = ({ app, consumer, topic }: Target): number => {
      const lines = intruder.audit(app).filter((line) => line['audit'] === 'apply.refused' && line['consumer'] === consumer);
      return lines.filter((line) => line['topic'] === topic).reduce((sum, line) => sum + Number(line['changes']), 0);
    };
    const replay = async (user: string, records: readonly LogRecord[], at: readonly Target[]): Promise<void> => {
      const before = await Promise.all(at.map(async (target) => ({ refused: await refusedAt(target), told: toldAt(target) })));
      await send(user, records);
      for (const [index, target] of at.entries()) {
        const { refused = 0, told = 0 } = before[index] ?? {};
        await eventually(async () => expect(await refusedAt(target)).toBe(refused + records.length));
        await eventually(() => expect(toldAt(target)).toBe(told + records.length));
      }
    };
    // The owner replays in its dataset, and the distributor carries it on.
    await replay('agent.g01', [event(50n, named('Nguyễn Văn Cũ'))], targets);
    await hasOnly('Nguyễn Văn Một');
    await send('agent.g01', [event(200n, named('Nguyễn Văn Hai'))]);
    await hasOnly('Nguyễn Văn Hai');
    // What a distributor sends again into the view itself: everything that ever was of the person.
    const again = (await recordsOf(viewTopic)).map((record) => ({ ...record, topic: viewTopic }));
    expect(again).toHaveLength(3);
    await replay('distributor', again, targets.slice(1));
    await hasOnly('Nguyễn Văn Hai');
  }, 60_000);

  it('stands in no log by code or name', () => {
    const apps = ['broker-access', 'platform', 'schema-registry', 'distributor', 'general-database', 'agent-g12'] as const;
    const logs = apps.map((app) => readFileSync(join(directory, 'logs', `${app}.log`), 'utf8')).join('\n');
    for (const text of [code, other, 'Nguyễn']) expect(logs.includes(text)).toBe(false);
  });
});
