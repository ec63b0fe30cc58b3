import type { PgoutputMessage } from './pgoutput-message.js';
import { knownRelation } from './source-relation.js';
import { TransactionAssembler, WATERMARK_PREFIX, type Assembled } from './transaction-assembler.js';

const table = { table: 'public.person', primaryKey: ['id'] };
const person = knownRelation({ schema: 'public', table: 'person' }, [{ name: 'id', type: 'integer', inIdentity: true }], 'default', table);
const other = knownRelation(
  { schema: 'public', table: 'other' },
  [{ name: 'id', type: 'integer', inIdentity: true }],
  'default',
  undefined,
);
const limits = { rowsPerMessage: 2, bytesPerMessage: 1_000 };

const begin = (commitLsn: bigint): PgoutputMessage => ({ kind: 'begin', commitLsn, committedAtMs: 5, xid: 7 });
const commit = (commitLsn: bigint): PgoutputMessage => ({ kind: 'commit', commitLsn, endLsn: commitLsn + 40n, committedAtMs: 5 });
const insert = (id: string, relationId = 1): PgoutputMessage => ({ kind: 'insert', relationId, after: [id] });
const watermark = (id: string): PgoutputMessage => ({
  kind: 'message',
  transactional: true,
  lsn: 1n,
  prefix: WATERMARK_PREFIX,
  content: Buffer.from(id),
});

function assembled(messages: readonly PgoutputMessage[], after = 0n, bytes = 10): Assembled[] {
  const out: Assembled[] = [];
  const assembler = new TransactionAssembler(after, (id) => (id === 1 ? person : other), limits, null);
  for (const message of messages) assembler.push(message, 100n, bytes, out);
  return out;
}

const shape = (out: readonly Assembled[]) =>
  out.map((message) =>
    message.kind === 'rows'
      ? message.changes.map(({ index }) => index)
      : 'sequence' in message
        ? `${message.kind} ${message.sequence}`
        : '',
  );

describe('transaction assembler', () => {
  it('cuts a transaction by rows and by bytes', () => {
    const transaction = [begin(100n), insert('a'), insert('b'), insert('c'), commit(100n)];
    expect(shape(assembled(transaction))).toEqual(['begin 100', [0, 1], [2], 'commit 139']);
    expect(shape(assembled(transaction, 0n, 1_000))).toEqual(['begin 100', [0], [1], [2], 'commit 139']);
  });

  it('does not announce a transaction of which nothing is ours, and counts its rows in one that is', () => {
    expect(assembled([begin(100n), insert('a', 2), commit(100n), begin(200n), commit(200n)])).toEqual([]);
    expect(shape(assembled([begin(100n), insert('x', 2), insert('a'), commit(100n)]))).toEqual(['begin 100', [1], 'commit 139']);
  });

  it('skips what is at or below the start, its watermarks too', () => {
    const two = [begin(100n), insert('a'), watermark('w1'), commit(100n), begin(140n), insert('b'), watermark('w2'), commit(140n)];
    expect(shape(assembled(two, 139n))).toEqual(['begin 140', [0], 'commit 179', 'watermark 140']);
    expect(shape(assembled(two, 100n))).toEqual(['begin 140', [0], 'commit 179', 'watermark 140']);
    expect(assembled(two, 140n)).toEqual([]);
  });

  it('gives the tables of one truncate the same index', () => {
    const truncate: PgoutputMessage = { kind: 'truncate', relationIds: [1, 2, 1] };
    expect(shape(assembled([begin(100n), insert('a'), truncate, insert('b'), commit(100n)]))).toEqual([
      'begin 100',
      [0, 1],
      [1, 2],
      'commit 139',
    ]);
  });

  it.each<[string, PgoutputMessage[]]>([
    ['a row outside of a transaction', [insert('a')]],
    ['a commit of another transaction', [begin(100n), commit(101n)]],
    ['a transaction in a transaction', [begin(100n), begin(101n)]],
    ['a row of another width', [begin(100n), { kind: 'insert', relationId: 1, after: ['a', 'b'] }]],
  ])('refuses %s', (_, messages) => {
    expect(() => assembled(messages)).toThrow(expect.objectContaining({ code: 'CAPTURE_PROTOCOL' }));
  });
});
