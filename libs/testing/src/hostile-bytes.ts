import fc from 'fast-check';

/** Bytes that were good until somebody changed them. */
export interface ChangedBytes {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A zigzag number as Avro and Kafka write it, of any size. */
export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value >= 0n ? value << 1n : (-value << 1n) - 1n; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

/** A message in Confluent's framing, changed in the ways that a reader must notice. @param framed a good one @param unknownId of a schema that is nowhere */
export function hostileFrames(framed: Buffer, unknownId = 0x7ffffff0): readonly ChangedBytes[] {
  const head = framed.subarray(0, 5);
  const withId = (id: number): Buffer => {
    const changed = Buffer.from(framed);
    changed.writeInt32BE(id, 1);
    return changed;
  };
  const inside = (at: number, bytes: Buffer): Buffer => Buffer.concat([framed.subarray(0, at), bytes]);
  return [
    ['nothing', Buffer.alloc(0)],
    ['four bytes', framed.subarray(0, 4)],
    ['a head without a body', head],
    ['the last byte missing', framed.subarray(0, -1)],
    ['half of it', framed.subarray(0, framed.length >> 1)],
    ['a byte too much', Buffer.concat([framed, Buffer.from([0])])],
    ['a second one behind it', Buffer.concat([framed, framed])],
    ['another marker', Buffer.concat([Buffer.from([1]), framed.subarray(1)])],
    ['an unknown schema', withId(unknownId)],
    ['schema 0', withId(0)],
    ['schema -1', withId(-1)],
    ['2^28 items', inside(6, varint(2n ** 28n))],
    ['a length of 2^62', inside(6, varint(2n ** 62n))],
    ['a negative length', inside(6, varint(-5n))],
    ['a number without end', inside(6, Buffer.alloc(40, 0xff))],
    ['bytes of one kind', Buffer.concat([head, Buffer.alloc(4096, 0xff)])],
    ['a hundred kilobytes of zeros', Buffer.concat([head, Buffer.alloc(100_000)])],
    ['JSON', Buffer.from('{"before":null,"after":null}')],
  ].map(([name, bytes]) => ({ name: name as string, bytes: bytes as Buffer }));
}

/** Good bytes with some flipped, cut off, put in, or claimed. */
export function changedBytes(good: Buffer): fc.Arbitrary<Buffer> {
  const at = fc.nat({ max: Math.max(good.length - 1, 0) });
  const change = fc.oneof(
    fc.tuple(at, fc.integer({ min: 0, max: 7 })).map(([where, bit]) => (bytes: Buffer): Buffer => {
      const flipped = Buffer.from(bytes);
      if (where < flipped.length) flipped[where]! ^= 1 << bit;
      return flipped;
    }),
    at.map((where) => (bytes: Buffer) => bytes.subarray(0, where)),
    fc.uint8Array({ maxLength: 20 }).map((more) => (bytes: Buffer) => Buffer.concat([bytes, more])),
    fc.tuple(at, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map(
      ([where, claim]) =>
        (bytes: Buffer) =>
          Buffer.concat([bytes.subarray(0, where), varint(claim), bytes.subarray(where + 1)]),
    ),
    fc
      .tuple(at, fc.constantFrom(Buffer.from([0xff, 0xfe]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0]), Buffer.alloc(300, 0x80)))
      .map(
        ([where, more]) =>
          (bytes: Buffer) =>
            Buffer.concat([bytes.subarray(0, where), more, bytes.subarray(where)]),
      ),
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => changes.reduce((bytes, apply) => apply(bytes), good));
}
