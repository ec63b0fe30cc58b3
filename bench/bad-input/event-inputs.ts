import { createHash } from 'node:crypto';
import { frame } from '@truc/avro';
import { shippedSchema } from '@truc/change-event';
import type { Backbone } from '@truc/local-stack';
import { changedBytes, hostileFrames, hostilePlaces } from '@truc/testing';
import fc from 'fast-check';
import { awaited } from '../harness/awaited.js';
import { BackboneSide, type SentRecord } from './backbone-side.js';
import type { BadInput } from './bad-input-run.js';

const dataTopic = 'data.g01.population.resident.v1';
type Consumer = { readonly app: 'general-database' | 'distributor' | 'agent-g12'; readonly consumer: string };

/** Events as no good writer writes them, in a dataset's topic and in a view's: every one is rejected, counted and told by every consumer, and what comes behind it goes on. */
export async function eventInputs(backbone: Backbone, side: BackboneSide, quick: boolean): Promise<BadInput[]> {
  const policy = await backbone.policy();
  const dataset = policy.find((entry) => entry.kind === 'dataset' && entry.topic === dataTopic);
  const view = policy.find((entry) => entry.kind === 'view');
  if (dataset?.kind !== 'dataset' || view?.kind !== 'view') throw new Error('the demo has a dataset of residents and a view of it');
  const ofData: readonly Consumer[] = [
    { app: 'general-database', consumer: 'general-database' },
    { app: 'distributor', consumer: 'distributor' },
  ];
  const ofView: readonly Consumer[] = [{ app: 'agent-g12', consumer: 'g12-34' }];
  return [
    ...(await topicInputs('data topic', dataTopic, dataset.valueSchema, ofData, side, quick)),
    ...(await topicInputs('view topic', view.topic, view.valueSchema, ofView, side, quick)),
    ...foreignSchemaInputs(side, await side.firstOf(dataTopic), ofData),
  ];
}

async function topicInputs(
  surface: string,
  topic: string,
  valueSchema: string,
  consumers: readonly Consumer[],
  side: BackboneSide,
  quick: boolean,
): Promise<BadInput[]> {
  const { key, value, partition, headers } = await side.firstOf(topic);
  /** Good where every one of them is counted as rejected by all; where some may be good all the same, where the next one that is not is. */
  const events = (name: string, made: readonly SentRecord[], isAll = true): BadInput => ({
    surface,
    input: name,
    feed: async (signal) => {
      const last = { key, value: Buffer.from([9]), headers };
      const wanted = (isAll ? made.length : 0) + 1;
      const counts = await rejected(
        side,
        consumers,
        { topic, partition, made: [...made.map((one) => ({ headers, ...one })), last], wanted, name },
        signal,
      );
      const isRight = counts.every((count) => (isAll ? count === wanted : count >= wanted && count <= made.length + 1));
      return { told: `rejected ${counts.join(' and ')} of ${made.length + 1}`, isRight };
    },
  });
  const epoch = (text: string) => ({ ...headers, 'truc-epoch': Buffer.from(text) });
  const position = (text: string) => ({ ...headers, 'truc-position': Buffer.from(text) });
  const byName = (framed: Buffer, schema: string): [string, Buffer[]][] => {
    const places = hostilePlaces(framed, schema);
    return [...new Set(places.map(({ name }) => name))].map((name) => [
      name,
      places.filter((one) => one.name === name).map(({ bytes }) => bytes),
    ]);
  };
  const chance = (seed: number, framed: Buffer) => fc.sample(changedBytes(framed), { numRuns: quick ? 200 : 2_000, seed });
  return [
    ...hostileFrames(value).map(({ name, bytes }) => events(`a value: ${name}`, [{ key, value: bytes }])),
    ...hostileFrames(key).map(({ name, bytes }) => events(`a key: ${name}`, [{ key: bytes, value }])),
    ...byName(value, valueSchema).map(([name, all]) =>
      events(
        `values, at ${all.length} places of their schema: ${name}`,
        all.map((bytes) => ({ key, value: bytes })),
      ),
    ),
    ...byName(key, shippedSchema('MasterDataKey')).map(([name, all]) =>
      events(
        `keys, at ${all.length} places of their schema: ${name}`,
        all.map((bytes) => ({ key: bytes, value })),
      ),
    ),
    events('positions that fit no bytes', [
      { key, value, headers: epoch('9999999999') },
      { key, value, headers: epoch('9007199254740993') },
      { key, value, headers: position('0000000000000001:9999999999') },
      { key, value, headers: position('ffffffffffffffff:0') },
      { key, value, headers: {} },
    ]),
    events(
      'values changed by chance',
      chance(11, value).map((bytes) => ({ key, value: bytes })),
      false,
    ),
    events(
      'keys changed by chance',
      chance(12, key).map((bytes) => ({ key: bytes, value })),
      false,
    ),
  ];
}

/** Sends, and waits until each consumer rejected so many. @returns how many each did */
async function rejected(
  side: BackboneSide,
  consumers: readonly Consumer[],
  {
    topic,
    partition,
    made,
    wanted,
    name,
  }: {
    readonly topic: string;
    readonly partition: number;
    readonly made: readonly SentRecord[];
    readonly wanted: number;
    readonly name: string;
  },
  signal: AbortSignal,
): Promise<number[]> {
  const now = () => Promise.all(consumers.map(({ app, consumer }) => side.counted(app, 'truc_rejected', { consumer })));
  const before = await now();
  await side.send(topic, made, partition);
  const counts = async (): Promise<number[]> => (await now()).map((count, index) => count - (before[index] ?? 0));
  await awaited(
    `the consumers did not reject ${name}`,
    async () => (await counts()).every((count) => count >= wanted),
    signal,
    30_000,
  ).catch((error: unknown) => {
    if (signal.aborted) throw error;
  });
  return counts();
}

/** A type that holds itself, and a map: no registry of ours takes such a schema for a dataset, so it is put into its database by hand, as a registry that was tampered with would have it. */
const foreignSchema = JSON.stringify({
  type: 'record',
  name: 'Foreign',
  fields: [
    { name: 'next', type: ['null', 'Foreign'] },
    { name: 'map', type: { type: 'map', values: 'string' } },
  ],
});

function foreignSchemaInputs(
  side: BackboneSide,
  good: Awaited<ReturnType<BackboneSide['firstOf']>>,
  consumers: readonly Consumer[],
): BadInput[] {
  const nested = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x02), Buffer.alloc(depth + 2)]);
  const key = Buffer.from('__proto__');
  const bodies: [string, Buffer][] = [
    ['a type in itself, 100,000 deep', nested(100_000)],
    ['a type in itself, as deep as the limit', nested(127)],
    ['__proto__ for the key of a map', Buffer.concat([Buffer.from([0, 2, 2 * key.length]), key, Buffer.from([2, 0x78, 0])])],
    ['2^28 entries of a map', Buffer.from([0, 0x80, 0x80, 0x80, 0x80, 0x02])],
  ];
  return bodies.map(([name, body]) => ({
    surface: 'data topic',
    input: name,
    feed: async (signal) => {
      const subject = `${dataTopic}-value`;
      const digest = createHash('sha256').update(foreignSchema).digest('hex');
      const [{ id } = { id: 0 }] = await side.query<{ id: number }>(
        'registry',
        `SELECT max(id) + 1 AS id FROM registry.schema WHERE context = '.'`,
      );
      await side.query(
        'registry',
        `INSERT INTO registry.schema (context, id, fingerprint, shape, guid, text, normalised, "references")
         VALUES ('.', $1, $2, $2, md5($2)::uuid, $3, $3, '[]')`,
        [id, digest, foreignSchema],
      );
      await side.query(
        'registry',
        `INSERT INTO registry.subject_version (subject, version, context, name, schema_id, is_deleted, registered_by, registered_at)
         VALUES ($1, 1000000, '.', $1, $2, false, 'somebody', now())`,
        [subject, id],
      );
      try {
        const made = [{ key: good.key, value: frame(id, body), headers: good.headers }];
        const counts = await rejected(side, consumers, { topic: dataTopic, partition: good.partition, made, wanted: 1, name }, signal);
        return { told: `rejected ${counts.join(' and ')} of 1`, isRight: counts.every((count) => count === 1) };
      } finally {
        await side.query('registry', `DELETE FROM registry.subject_version WHERE version = 1000000`);
        // An id is never given twice.
        await side.query('registry', `UPDATE registry.context SET last_id = greatest(last_id, $1) WHERE name = '.'`, [id]);
      }
    },
  }));
}
