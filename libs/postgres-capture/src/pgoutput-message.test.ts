import fc from 'fast-check';
import { parsePgoutputMessage, type PgoutputMessage } from './pgoutput-message.js';

const u8 = (n: number) => Buffer.from([n]);
const u16 = (n: number) => Buffer.from([n >> 8, n & 255]);
const u32 = (n: number) => Buffer.from([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
const u64 = (n: bigint) => Buffer.from(BigInt.asUintN(64, n).toString(16).padStart(16, '0'), 'hex');
const text = (value: string) => Buffer.concat([Buffer.from(value), u8(0)]);
const letter = (value: string) => Buffer.from(value, 'latin1');

type Value = string | null | undefined;
const encodeTuple = (values: readonly Value[]) =>
  Buffer.concat([
    u16(values.length),
    ...values.map((value) => {
      if (value === null) return letter('n');
      if (value === undefined) return letter('u');
      return Buffer.concat([letter('t'), u32(Buffer.byteLength(value)), Buffer.from(value)]);
    }),
  ]);

/** Written from the protocol's documentation and apart from the parser. */
function encode(message: PgoutputMessage): Buffer {
  switch (message.kind) {
    case 'begin':
      return Buffer.concat([
        letter('B'),
        u64(message.commitLsn),
        u64((BigInt(message.committedAtMs) - 946_684_800_000n) * 1000n),
        u32(message.xid),
      ]);
    case 'commit':
      return Buffer.concat([
        letter('C'),
        u8(0),
        u64(message.commitLsn),
        u64(message.endLsn),
        u64((BigInt(message.committedAtMs) - 946_684_800_000n) * 1000n),
      ]);
    case 'relation':
      return Buffer.concat([
        letter('R'),
        u32(message.id),
        text(message.schema),
        text(message.table),
        letter({ default: 'd', nothing: 'n', full: 'f', index: 'i' }[message.replicaIdentity]),
        u16(message.columns.length),
        ...message.columns.map(({ name, typeId, inIdentity }) =>
          Buffer.concat([u8(inIdentity ? 1 : 0), text(name), u32(typeId), u32(0xffffffff)]),
        ),
      ]);
    case 'type':
      return Buffer.concat([letter('Y'), u32(message.id), text(message.schema), text(message.name)]);
    case 'insert':
      return Buffer.concat([letter('I'), u32(message.relationId), letter('N'), encodeTuple(message.after)]);
    case 'update': {
      const old = message.before === null ? [] : [letter(message.beforeIsWhole ? 'O' : 'K'), encodeTuple(message.before)];
      return Buffer.concat([letter('U'), u32(message.relationId), ...old, letter('N'), encodeTuple(message.after)]);
    }
    case 'delete':
      return Buffer.concat([letter('D'), u32(message.relationId), letter(message.beforeIsWhole ? 'O' : 'K'), encodeTuple(message.before)]);
    case 'truncate':
      return Buffer.concat([letter('T'), u32(message.relationIds.length), u8(1), ...message.relationIds.map(u32)]);
    case 'origin':
      return Buffer.concat([letter('O'), u64(7n), text(message.name)]);
    case 'message':
      return Buffer.concat([
        letter('M'),
        u8(message.transactional ? 1 : 0),
        u64(message.lsn),
        text(message.prefix),
        u32(message.content.length),
        message.content,
      ]);
  }
}

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((value) => !value.includes('\0') && value.isWellFormed());
const id = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const lsn = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const tuple = fc.array(fc.oneof(name, fc.constant(''), fc.constant(null), fc.constant(undefined)), { maxLength: 12 });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const messages: fc.Arbitrary<PgoutputMessage> = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), commitLsn: lsn, committedAtMs: time, xid: id }),
  fc.record({ kind: fc.constant('commit' as const), commitLsn: lsn, endLsn: lsn, committedAtMs: time }),
  fc.record({
    kind: fc.constant('relation' as const),
    id,
    schema: name,
    table: name,
    replicaIdentity: fc.constantFrom('default' as const, 'nothing' as const, 'full' as const, 'index' as const),
    columns: fc.array(fc.record({ name, typeId: id, inIdentity: fc.boolean() }), { maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('type' as const), id, schema: name, name }),
  fc.record({ kind: fc.constant('insert' as const), relationId: id, after: tuple }),
  fc.record({ kind: fc.constant('update' as const), relationId: id, before: tuple, beforeIsWhole: fc.boolean(), after: tuple }),
  fc.record({
    kind: fc.constant('update' as const),
    relationId: id,
    before: fc.constant(null),
    beforeIsWhole: fc.constant(false),
    after: tuple,
  }),
  fc.record({ kind: fc.constant('delete' as const), relationId: id, before: tuple, beforeIsWhole: fc.boolean() }),
  fc.record({ kind: fc.constant('truncate' as const), relationIds: fc.array(id, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant('origin' as const), name }),
  fc.record({
    kind: fc.constant('message' as const),
    transactional: fc.boolean(),
    lsn,
    prefix: name,
    content: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  }),
);
const malformed = expect.objectContaining({ code: 'CAPTURE_MESSAGE_MALFORMED', message: expect.stringContaining('0/2A') });

describe('pgoutput message', () => {
  it('comes back from its bytes', () => {
    fc.assert(fc.property(messages, (message) => expect(parsePgoutputMessage(encode(message), 1n)).toEqual(message)));
  });

  it('is an error with its LSN when bytes are missing or left over', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (message, cut) => {
        const bytes = encode(message);
        expect(() => parsePgoutputMessage(bytes.subarray(0, cut % bytes.length), 42n)).toThrow(malformed);
        expect(() => parsePgoutputMessage(Buffer.concat([bytes, u8(0)]), 42n)).toThrow(malformed);
      }),
    );
  });

  it('is an error with its LSN when a text of it is not UTF-8, and no other text in its place', () => {
    const row = (text: string): PgoutputMessage => ({ kind: 'insert', relationId: 7, after: [text] });
    const good = row('Nguyễn \uFFFD');
    expect(parsePgoutputMessage(encode(good), 42n)).toEqual(good);
    const bytes = encode(row('Nguyen'));
    bytes[bytes.length - 1] = 0xe1;
    expect(() => parsePgoutputMessage(bytes, 42n)).toThrow(malformed);
    expect(() => parsePgoutputMessage(bytes, 42n)).toThrow(/not UTF-8/);
  });

  it('never throws anything but its own error on arbitrary bytes', () => {
    const kinds = fc.constantFrom(...'BCRYIUDTOMSx');
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 60 }), (kind, rest) => {
        try {
          parsePgoutputMessage(Buffer.concat([letter(kind), rest]), 42n);
        } catch (error) {
          expect(error).toEqual(malformed);
        }
      }),
    );
  });

  it.each([
    ['a column that claims 2^31 - 1 bytes', Buffer.concat([letter('I'), u32(1), letter('N'), u16(1), letter('t'), u32(0x7fffffff)])],
    ['a column of negative length', Buffer.concat([letter('I'), u32(1), letter('N'), u16(1), letter('t'), u32(0xffffffff)])],
    ['a row that claims 65,535 columns', Buffer.concat([letter('I'), u32(1), letter('N'), u16(65_535)])],
    ['a truncate that claims 2^30 relations', Buffer.concat([letter('T'), u32(2 ** 30), u8(0), u32(1)])],
    ['binary format', Buffer.concat([letter('I'), u32(1), letter('N'), u16(1), letter('b'), u32(1), u8(1)])],
  ])('refuses %s', (_, bytes) => {
    expect(() => parsePgoutputMessage(bytes, 42n)).toThrow(malformed);
  });
});
