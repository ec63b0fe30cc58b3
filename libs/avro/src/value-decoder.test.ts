import avsc from 'avsc';
import fc from 'fast-check';
import { compileCodec } from './avro-codec.js';
import { frame, unframe } from './framing.js';
import { parseAvroSchema } from './schema-parser.js';
import { schemasAndValues } from './random-schema.test-data.js';
import { canonicalForm, normalisedText } from './schema-text.js';

const malformed = expect.objectContaining({ code: 'AVRO_MALFORMED' });
const withValue = schemasAndValues.chain(({ json, values }) => values.map((value) => ({ text: JSON.stringify(json), value })));

describe('decoding', () => {
  it('gives back what was encoded, for any schema', () => {
    fc.assert(
      fc.property(withValue, ({ text, value }) => {
        const codec = compileCodec(text);
        const bytes = codec.encode(value);
        expect(codec.decode(bytes)).toEqual(value);
        expect(codec.encode(codec.decode(bytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses every truncation and every surplus', () => {
    fc.assert(
      fc.property(withValue, ({ text, value }) => {
        const codec = compileCodec(text);
        const bytes = codec.encode(value);
        for (let length = 0; length < Math.min(bytes.length, 200); length++) {
          expect(() => codec.decode(bytes.subarray(0, length))).toThrow(malformed);
        }
        expect(() => codec.decode(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(malformed);
      }),
      { numRuns: 200 },
    );
  });

  it('meets mutated bytes with a value or a named refusal, in little memory', () => {
    const mutation = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    let largest = 0;
    fc.assert(
      fc.property(withValue, fc.array(mutation, { minLength: 1, maxLength: 4 }), ({ text, value }, mutations) => {
        const codec = compileCodec(text);
        const bytes = Buffer.from(codec.encode(value));
        if (bytes.length === 0) return;
        for (const [at, byte] of mutations) bytes[at % bytes.length] = byte;
        const before = process.memoryUsage().arrayBuffers;
        try {
          const decoded = codec.decode(bytes);
          // What was accepted is a value of the schema.
          codec.encode(decoded);
        } catch (error) {
          expect(error).toEqual(malformed);
        }
        largest = Math.max(largest, process.memoryUsage().arrayBuffers - before);
      }),
      { numRuns: 3000 },
    );
    expect(largest).toBeLessThan(4 * 1024 * 1024);
  });

  it('meets any bytes the same way', () => {
    const texts = [
      '"string"',
      '"bytes"',
      '{"type":"array","items":"long"}',
      '{"type":"map","values":["null","string"]}',
      '"long"',
      '"int"',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.uint8Array({ maxLength: 64 }), (text, bytes) => {
        try {
          compileCodec(text).decode(Buffer.from(bytes));
        } catch (error) {
          expect(error).toEqual(malformed);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each<[string, string, string]>([
    ['an array of 2^31 items in six bytes', '{"type":"array","items":"long"}', 'feffffff0f00'],
    ['an array whose count needs 63 bits', '{"type":"array","items":"long"}', 'fefffffffffffffffe01'],
    ['a negative count with a size beyond the bytes', '{"type":"array","items":"long"}', '01808001'],
    ['text of 2^30 bytes', '"string"', '8080808008'],
    ['a negative length', '"bytes"', '01'],
    ['bytes that are not UTF-8', '"string"', '04c328'],
    ['a surrogate in UTF-8', '"string"', '06eda080'],
    ['a boolean of 2', '"boolean"', '02'],
    ['an int of 33 bits', '"int"', 'ffffffff1f'],
    ['a long of 65 bits', '"long"', 'ffffffffffffffffff02'],
    ['a long without end', '"long"', 'ffffffffffffffffffffff'],
    ['a branch that is not there', '["null","string"]', '04'],
    ['a negative branch', '["null","string"]', '01'],
    ['a symbol that is not there', '{"type":"enum","name":"E","symbols":["A"]}', '02'],
    ['a decimal without bytes', '{"type":"bytes","logicalType":"decimal","precision":4}', '00'],
    ['a decimal beyond its precision', '{"type":"bytes","logicalType":"decimal","precision":4}', '042710'],
    ['a decimal of a megabyte', '{"type":"bytes","logicalType":"decimal","precision":4}', `80897a${'00'.repeat(1_000_000)}`],
  ])('refuses %s', (_, schema, hex) => {
    expect(() => compileCodec(schema).decode(Buffer.from(hex, 'hex'))).toThrow(malformed);
  });

  it('says field and offset', () => {
    const codec = compileCodec(
      '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":{"type":"array","items":"string"}}]}',
    );
    expect(() => codec.decode(Buffer.from('020204c328', 'hex'))).toThrow(/^b\.\[0\]: text is not valid UTF-8 \(at byte 3 of 5\)$/);
  });

  it('bears a record that contains itself, to a depth', () => {
    const codec = compileCodec('{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}');
    const list = (length: number): unknown => (length === 0 ? null : { next: list(length - 1) });
    expect(codec.decode(codec.encode(list(50)))).toEqual(list(50));
    expect(() => codec.decode(Buffer.concat([Buffer.alloc(100_000, 2), Buffer.from([0])]))).toThrow(malformed);
    const endless: { next: unknown } = { next: null };
    endless.next = endless;
    expect(() => codec.encode(endless)).toThrow(expect.objectContaining({ code: 'AVRO_VALUE_INVALID' }));
  });

  it('makes no more of a few bytes than they may stand for', () => {
    let doubled: unknown = { type: 'record', name: 'N0', fields: [] };
    for (let level = 1; level < 30; level++) {
      const inner = `N${level - 1}`;
      doubled = {
        type: 'record',
        name: `N${level}`,
        fields: [
          { name: 'a', type: doubled },
          { name: 'b', type: inner },
        ],
      };
    }
    expect(() => compileCodec(JSON.stringify(doubled)).decode(Buffer.alloc(0))).toThrow(malformed);
    const fields = Array.from({ length: 999 }, (_, index) => ({ name: `f${index}`, type: 'null' }));
    const wide = compileCodec(JSON.stringify({ type: 'map', values: { type: 'record', name: 'W', fields } }));
    expect(Object.keys(wide.decode(Buffer.from('0602610262026300', 'hex')) as object)).toEqual(['a', 'b', 'c']);
    const entries = Buffer.concat([
      Buffer.from('c03e', 'hex'),
      ...Array.from({ length: 4000 }, () => Buffer.from([2, 0x61])),
      Buffer.from([0]),
    ]);
    expect(() => wide.decode(entries)).toThrow(malformed);
  });

  it('takes `__proto__` as a key and as a field like any other', () => {
    const map = compileCodec('{"type":"map","values":"string"}');
    const decoded = map.decode(Buffer.from('02125f5f70726f746f5f5f027800', 'hex')) as Record<string, string>;
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(map.encode(decoded).toString('hex')).toBe('02125f5f70726f746f5f5f027800');
    const record = compileCodec('{"type":"record","name":"R","fields":[{"name":"__proto__","type":{"type":"map","values":"string"}}]}');
    const row = record.decode(Buffer.from('00', 'hex')) as object;
    expect(Object.keys(row)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(record.encode(row).toString('hex')).toBe('00');
  });

  it('writes the bytes that another implementation writes and reads', () => {
    const plain = schemasAndValues.filter(({ json }) => !/long|decimal|"map"/.test(JSON.stringify(json)));
    fc.assert(
      fc.property(
        plain.chain(({ json, values }) => values.map((value) => ({ json, value }))),
        ({ json, value }) => {
          const peer = avsc.Type.forSchema(json as avsc.Schema, { wrapUnions: 'never' } as Partial<avsc.ForSchemaOptions>);
          const bytes = compileCodec(JSON.stringify(json)).encode(value);
          expect(peer.toBuffer(value).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a schema’s texts', () => {
  it('are read back as the same schema', () => {
    fc.assert(
      fc.property(schemasAndValues, ({ json }) => {
        const schema = parseAvroSchema(JSON.stringify(json));
        const text = normalisedText(schema);
        expect(normalisedText(parseAvroSchema(text))).toBe(text);
        expect(canonicalForm(parseAvroSchema(text))).toBe(canonicalForm(schema));
        expect(canonicalForm(parseAvroSchema(canonicalForm(schema)))).toBe(canonicalForm(schema));
      }),
      { numRuns: 500 },
    );
  });

  it('follow the specification', () => {
    const schema = parseAvroSchema(
      '{"fields":[{"type":{"type":"string","avro.java.string":"String"},"name":"a","doc":"d","default":"x"},{"name":"b","type":["null",{"type":"fixed","name":"F","size":4}]},{"name":"c","type":"n.F"}],"namespace":"n","name":"R","type":"record","aliases":["Q"],"dictionary":{"z":1,"a":2}}',
    );
    expect(canonicalForm(schema)).toBe(
      '{"name":"n.R","type":"record","fields":[{"name":"a","type":"string"},{"name":"b","type":["null",{"name":"n.F","type":"fixed","size":4}]},{"name":"c","type":"n.F"}]}',
    );
    expect(normalisedText(schema)).toBe(
      '{"type":"record","name":"n.R","aliases":["n.Q"],"fields":[{"name":"a","type":{"type":"string","avro.java.string":"String"},"doc":"d","default":"x"},{"name":"b","type":["null",{"type":"fixed","name":"n.F","size":4}]},{"name":"c","type":"n.F"}],"dictionary":{"a":2,"z":1}}',
    );
  });
});

describe('framing', () => {
  it('comes apart as it was put together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.uint8Array(), (schemaId, body) => {
        expect(unframe(frame(schemaId, Buffer.from(body)))).toEqual({ schemaId, body: Buffer.from(body) });
      }),
    );
  });

  it.each(['', '00000000', '0100000001', '0000000000', '00ffffffff'])('refuses %s', (hex) => {
    expect(() => unframe(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code: 'AVRO_FRAME_INVALID' }));
  });
});
