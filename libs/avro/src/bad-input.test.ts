import { TrucError } from '@truc/kernel';
import { changedBytes, hostileFrames, hostilePlaces, hostileSchemas, schemaTexts } from '@truc/testing';
import fc from 'fast-check';
import { compileCodec } from './avro-codec.js';
import { checkCompatibility } from './compatibility.js';
import { frame, unframe } from './framing.js';
import { schemasAndValues } from './random-schema.test-data.js';
import { AvroSchemaError } from './schema-error.js';
import { parseAvroSchema, readAvroSchema } from './schema-parser.js';
import { canonicalForm, normalisedText } from './schema-text.js';

const withMessage = schemasAndValues.chain(({ json, values }) =>
  values.map((value) => {
    const text = JSON.stringify(json);
    return { text, framed: frame(7, compileCodec(text).encode(value)) };
  }),
);

function thrown(read: () => unknown): unknown {
  try {
    read();
    return null;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('a schema that means harm', () => {
  it.each(hostileSchemas)('$name', ({ text, isRefused }) => {
    if (isRefused) {
      expect(() => parseAvroSchema(text)).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^AVRO_SCHEMA_(INVALID|LIMIT)$/) as string,
          path: expect.stringMatching(/^\$/) as string,
        }),
      );
      return;
    }
    const schema = parseAvroSchema(text);
    // Everything that is made of it is of its own size, however often it refers to itself.
    expect(normalisedText(schema).length).toBeLessThan(4 * text.length + 1000);
    expect(canonicalForm(schema).length).toBeLessThan(2 * text.length + 1000);
    expect(compileCodec(text).schema.type).toBe(schema.type);
  });

  it('is read, or refused with its path, whatever the text', () => {
    fc.assert(
      fc.property(schemaTexts, (text) => {
        try {
          const { schema } = readAvroSchema(text);
          if (schema !== null) checkCompatibility(schema, schema);
        } catch (error) {
          expect(error).toBeInstanceOf(AvroSchemaError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('bytes that mean harm', () => {
  const isRefused = (framed: Buffer, text: string): Set<string> => {
    const changes = hostilePlaces(framed, text);
    for (const { name, path, bytes } of changes) {
      const read = (): unknown => compileCodec(text).decode(unframe(bytes).body);
      expect({ name, path, found: thrown(read) }).toEqual({ name, path, found: 'AVRO_MALFORMED' });
    }
    return new Set(changes.map(({ name, path }) => `${path}: ${name}`));
  };

  it('are refused by name at every length, count, branch, number and text of any schema', () => {
    fc.assert(fc.property(withMessage, ({ text, framed }) => void isRefused(framed, text)));
  });

  it('are refused at each kind of place', () => {
    const fields = [
      { name: 'text', type: ['null', 'string'] },
      { name: 'bytes', type: 'bytes' },
      { name: 'list', type: { type: 'array', items: 'int' } },
      { name: 'map', type: { type: 'map', values: { type: 'enum', name: 'E', symbols: ['a'] } } },
    ];
    const text = JSON.stringify({ type: 'record', name: 'R', fields });
    const value = { text: 'a', bytes: Buffer.from('b'), list: [1], map: { key: 'a' } };
    const found = isRefused(frame(7, compileCodec(text).encode(value)), text);
    for (const place of [
      'text: a branch that is none',
      'text: a byte that is not UTF-8',
      'text: half a character',
      'bytes: a length of 2^62',
      'bytes: a negative length',
      'list: 2^28 items',
      'list[]: an int of 2^40',
      'map: 2^62 items',
      'map{key}: a length of 2^28',
      'map{}: a branch below the first',
      'map{}: a number without end',
    ])
      expect(found).toContain(place);
  });

  it('are a value of the schema, or refused by name, whatever was changed', () => {
    fc.assert(
      fc.property(
        withMessage.chain(({ text, framed }) => changedBytes(framed).map((bytes) => ({ text, bytes }))),
        ({ text, bytes }) => {
          try {
            const { body } = unframe(bytes);
            const codec = compileCodec(text);
            // What was read is what would be written, but for numbers that are written longer than they need be.
            expect(codec.decode(codec.encode(codec.decode(body)))).toEqual(codec.decode(body));
          } catch (error) {
            expect(error).toBeInstanceOf(TrucError);
            expect((error as TrucError).code).toMatch(/^AVRO_(FRAME_INVALID|MALFORMED)$/);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  const lists = compileCodec(
    '{"type":"record","name":"R","fields":[{"name":"pad","type":"int"},{"name":"x","type":{"type":"array","items":{"type":"array","items":"string"}}}]}',
  );
  const good = frame(7, lists.encode({ pad: 1, x: [['a', 'b'], ['c']] }));

  it.each(hostileFrames(good).filter(({ name }) => name !== 'an unknown schema'))('$name are refused', ({ bytes }) => {
    expect(() => lists.decode(unframe(bytes).body)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^AVRO_(FRAME_INVALID|MALFORMED)$/) as string }),
    );
  });
});
