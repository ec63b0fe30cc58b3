import type { SourceMessage } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import { readRows } from './read-rows.js';
import { CapturedStream, publish } from './test-support/captured-stream.js';

const tables = [
  { table: 'public.plain', primaryKey: ['id'] },
  { table: 'public.pair', primaryKey: ['province', 'id'] },
];
const limits = { chunkRetryDelayMs: 20, idleIntervalMs: 50, statusIntervalMs: 100 };
type Reread = Extract<SourceMessage, { readonly kind: 'reread' }>;

describe('rows that are read again by their keys', () => {
  let db: TestPostgres;
  let stream: CapturedStream;

  beforeEach(async () => {
    db = await testPostgres();
    await db.query(
      `create table plain (id int primary key, name text); create table pair (id int, name text, province text, primary key (province, id))`,
    );
    await publish(db.url, 'truc_pub', tables);
    stream = new CapturedStream({ connectionString: db.url, slot: `r_${db.database}`, publication: 'truc_pub', tables, limits });
  });
  afterEach(() => db.drop());

  const rereads = (messages: readonly SourceMessage[]): Reread[] => messages.filter((message) => message.kind === 'reread');

  it('come in batches, in two rounds, at rising positions, those that are there', async () => {
    await db.query(
      `insert into plain select g, 'p' || g from generate_series(1, 109) g; insert into pair values (7, 'x', '01'), (7, 'y', '79')`,
    );
    const keys = Array.from({ length: 120 }, (_, id) => [String(id)]);
    const messages = await stream.read({
      start: {
        rereads: [
          { table: 'public.plain', keys },
          {
            table: 'public.pair',
            keys: [
              ['79', '7'],
              ['02', '7'],
            ],
          },
        ],
      },
      until: (message) => message.kind === 'reread' && message.relation.table === 'pair' && message.round === 2,
    });
    const told = rereads(messages);
    expect(told.map(({ relation, round, rows }) => [relation.table, round, rows.length])).toEqual([
      ['plain', 1, 49],
      ['plain', 1, 50],
      ['plain', 1, 10],
      ['pair', 1, 1],
      ['plain', 2, 49],
      ['plain', 2, 50],
      ['plain', 2, 10],
      ['pair', 2, 1],
    ]);
    expect(told.at(-1)?.rows).toEqual([['7', 'y', '79']]);
    for (const [index, { sequence }] of told.entries()) expect(sequence > (told[index - 1]?.sequence ?? 0n)).toBe(true);
  });

  it('come ahead of the snapshots, which go on as if nothing had been', async () => {
    await db.query(`insert into plain select g, 'p' || g from generate_series(1, 20) g`);
    const messages = await stream.read({
      start: {
        rereads: [{ table: 'public.plain', keys: [['3']] }],
        snapshots: [{ table: 'public.plain', lastKey: ['15'], rowsRead: 15, rowsEstimated: 20, done: false }],
      },
      until: (message) => message.kind === 'snapshot' && message.progress.done,
    });
    const told = messages.filter(({ kind }) => kind === 'reread' || kind === 'snapshot');
    expect(told.map(({ kind }) => kind)).toEqual(['reread', 'reread', 'snapshot']);
    expect(told.at(-1)).toMatchObject({ progress: { lastKey: ['20'], rowsRead: 20 } });
  });

  it.each([1, 2, 3])('fold with what concurrent writers commit into the table itself (seed %i)', async (seed) => {
    await db.query(`insert into plain select g, 'p' from generate_series(1, 150) g; alter table plain replica identity full`);
    const client = new pg.Client({ connectionString: db.url });
    await client.connect();
    let state = seed;
    const random = (below: number): number => Math.floor(((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * below);
    let writing = true;
    const work = (async () => {
      for (let n = 0; writing || n < 30; n += 1) {
        const [one, other] = [random(150), random(150)];
        await client.query(
          `begin; update plain set name = 'n${n}' where id = ${one}; delete from plain where id = ${other}; ${random(6) === 0 ? 'rollback' : 'commit'}`,
        );
        await client.query(`insert into plain values (${random(150)}, 'i${n}') on conflict do nothing`);
      }
    })();
    const rows = new Map<string, { sequence: bigint; name: string | null }>();
    let sequence = 0n;
    const put = (id: string, name: string | null): void => {
      expect(sequence >= (rows.get(id)?.sequence ?? 0n)).toBe(true);
      rows.set(id, { sequence, name });
    };
    let ended: Promise<unknown> | null = null;
    let chunks = 0;
    const keys = Array.from({ length: 151 }, (_, id) => [String(id)]);
    await stream.read({
      start: { rereads: [{ table: 'public.plain', keys }] },
      until: (message) => message.kind === 'rows' && message.changes.some(({ relation }) => relation.table === 'pair'),
      each: (message) => {
        if (message.kind === 'begin' || message.kind === 'reread') ({ sequence } = message);
        if (message.kind === 'reread') for (const [id, name] of message.rows) put(id ?? '', name ?? '');
        if (message.kind === 'rows') {
          for (const change of message.changes) {
            if (change.relation.table !== 'plain' || change.kind === 'truncate') continue;
            if (change.kind === 'delete') put(change.before[0] ?? '', null);
            else put(change.after[0] ?? '', change.after[1] ?? '');
          }
        }
        if (message.kind === 'reread' && message.round === 2) chunks += 1;
        if (chunks < Math.ceil(keys.length / 50) || ended !== null) return;
        writing = false;
        ended = work.then(() => db.query(`insert into pair values (1, 'end', '01')`));
      },
    });
    await ended;
    await client.end();
    const stored: string[] = [];
    for await (const page of readRows(db.url, 'public.plain', ['id', 'name'], { pageRows: 50 }))
      stored.push(...page.map(([id, name]) => `${id} ${name}`));
    const folded = [...rows].flatMap(([id, { name }]) => (name === null ? [] : [`${id} ${name}`]));
    expect(folded.sort()).toEqual(stored.sort());
  });

  it('are of a captured table, or the stream does not begin', async () => {
    const reading = stream.read({ start: { rereads: [{ table: 'public.other', keys: [['1']] }] }, until: () => true });
    await expect(reading).rejects.toMatchObject({ code: 'CAPTURE_TABLE_UNKNOWN' });
  });
});
