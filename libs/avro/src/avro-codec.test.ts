import avsc from 'avsc';
import fc from 'fast-check';
import { compileCodec } from './avro-codec.js';

const row = JSON.stringify({
  type: 'record',
  name: 'Resident',
  namespace: 'vn.test',
  fields: [
    { name: 'person_personal_id', type: 'string' },
    { name: 'person_full_name', type: ['null', 'string'], default: null },
    { name: 'person_date_of_birth', type: ['null', { type: 'int', logicalType: 'date' }], default: null },
    { name: 'capital', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 }], default: null },
    { name: 'seen', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'alive', type: 'boolean' },
  ],
});

const longs = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n }));
const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 30 }));

describe('a codec', () => {
  it('gives rows back as they were', () => {
    const codec = compileCodec(row);
    const bound = 10n ** 20n - 1n;
    fc.assert(
      fc.property(
        fc.record({
          person_personal_id: texts,
          person_full_name: fc.option(texts),
          person_date_of_birth: fc.option(fc.integer()),
          capital: fc.option(fc.oneof(fc.bigInt({ min: -bound, max: bound }), fc.bigInt({ min: -300n, max: 300n }))),
          seen: longs,
          alive: fc.boolean(),
        }),
        (value) => {
          expect(codec.decode(codec.encode(value))).toEqual(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    -1n,
    0n,
    127n,
    128n,
    -128n,
    -129n,
    2n ** 31n,
    -(2n ** 31n) - 1n,
    2n ** 48n - 1n,
    2n ** 49n,
    2n ** 62n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ])('writes the long %s as another implementation reads it', (value) => {
    const codec = compileCodec('"long"');
    const bytes = codec.encode(value);
    expect(codec.decode(bytes)).toBe(value);
    const peer = avsc.types.LongType.__with({
      fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
      toBuffer: (given: bigint) => {
        const buffer = Buffer.alloc(8);
        buffer.writeBigInt64LE(given);
        return buffer;
      },
      fromJSON: BigInt,
      toJSON: String,
      isValid: (given: unknown) => typeof given === 'bigint',
      compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
    });
    expect(peer.toBuffer(value).equals(bytes)).toBe(true);
  });

  it.each([
    [{ seen: 1n, alive: true }, 'person_personal_id'],
    [{ person_personal_id: 'x', person_full_name: 5, seen: 1n, alive: true }, 'person_full_name'],
    [
      { person_personal_id: 'x', person_full_name: '\ud800', person_date_of_birth: null, capital: null, seen: 1n, alive: true },
      'person_full_name',
    ],
    [
      { person_personal_id: 'x', person_full_name: null, person_date_of_birth: null, capital: 10n ** 20n, seen: 1n, alive: true },
      'capital',
    ],
    [{ person_personal_id: 'x', person_full_name: null, person_date_of_birth: null, capital: null, seen: 2n ** 63n, alive: true }, 'seen'],
  ])('refuses a value that does not fit and names the field (%#)', (value, field) => {
    expect(() => compileCodec(row).encode(value)).toThrow(
      expect.objectContaining({ code: 'AVRO_VALUE_INVALID', message: expect.stringContaining(`${field}: `) as string }),
    );
  });
});
