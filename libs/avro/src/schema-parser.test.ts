import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseAvroSchema, readAvroSchema } from './schema-parser.js';

const record = (fields: string, more = '') => `{"type":"record","name":"R"${more},"fields":[${fields}]}`;
const nested = (depth: number): string => (depth === 0 ? '"int"' : `{"type":"array","items":${nested(depth - 1)}}`);

describe('parsing a schema', () => {
  it.each<[string, string, string, string]>([
    ['not JSON', '{', 'AVRO_SCHEMA_INVALID', '$'],
    ['a name that is not defined', '"Nobody"', 'AVRO_SCHEMA_INVALID', '$'],
    ['a number', '5', 'AVRO_SCHEMA_INVALID', '$'],
    ['a record without fields', '{"type":"record","name":"R"}', 'AVRO_SCHEMA_INVALID', '$'],
    ['a field without type', record('{"name":"a"}'), 'AVRO_SCHEMA_INVALID', '$.fields[0]'],
    ['two fields of one name', record('{"name":"a","type":"int"},{"name":"a","type":"int"}'), 'AVRO_SCHEMA_INVALID', '$.fields[1].name'],
    ['a name defined twice', `[${record('')},${record('')}]`, 'AVRO_SCHEMA_INVALID', '$[1]'],
    ['a union in a union', '["null",["int"]]', 'AVRO_SCHEMA_INVALID', '$[1]'],
    ['two branches of one type', '["string","string"]', 'AVRO_SCHEMA_INVALID', '$[1]'],
    ['a default of another type', record('{"name":"a","type":"int","default":"x"}'), 'AVRO_SCHEMA_INVALID', '$.fields[0].default'],
    ['a symbol that is there twice', '{"type":"enum","name":"E","symbols":["A","A"]}', 'AVRO_SCHEMA_INVALID', '$.symbols[1]'],
    ['an enum default that is no symbol', '{"type":"enum","name":"E","symbols":["A"],"default":"B"}', 'AVRO_SCHEMA_INVALID', '$.default'],
    ['a record without end', record('{"name":"a","type":"R"}'), 'AVRO_SCHEMA_INVALID', '$'],
    ['text above 64 KiB', `"${'x'.repeat(65536)}"`, 'AVRO_SCHEMA_LIMIT', '$'],
    ['a depth of 33', nested(33), 'AVRO_SCHEMA_LIMIT', `$${'.items'.repeat(32)}`],
    [
      '1,001 fields',
      record(Array.from({ length: 1001 }, (_, index) => `{"name":"a${index}","type":"int"}`).join()),
      'AVRO_SCHEMA_LIMIT',
      '$.fields',
    ],
    ['an array of nulls', '{"type":"array","items":"null"}', 'AVRO_SCHEMA_LIMIT', '$.items'],
    ['an array of empty records', `{"type":"array","items":${record('')}}`, 'AVRO_SCHEMA_LIMIT', '$.items'],
    ['an array of fixed without bytes', '{"type":"array","items":{"type":"fixed","name":"F","size":0}}', 'AVRO_SCHEMA_LIMIT', '$.items'],
    ['a name beyond ASCII', record('{"name":"họ","type":"int"}'), 'AVRO_SCHEMA_LIMIT', '$.fields[0].name'],
    ['a namespace with a hyphen', record('', ',"namespace":"a-b"'), 'AVRO_SCHEMA_LIMIT', '$.namespace'],
  ])('refuses %s', (_, text, code, path) => {
    expect(() => parseAvroSchema(text)).toThrow(expect.objectContaining({ code, path }));
  });

  it('resolves names, namespaces and recursion', () => {
    const schema = parseAvroSchema(
      record(
        '{"name":"a","type":{"type":"fixed","name":"other.F","size":2}},{"name":"b","type":["null","R","other.F"]}',
        ',"namespace":"n"',
      ),
    );
    if (schema.type !== 'record') throw new Error('no record');
    const [a, b] = schema.fields;
    expect(schema.name).toBe('n.R');
    expect(b?.schema.type === 'union' && b.schema.branches[1]).toBe(schema);
    expect(b?.schema.type === 'union' && b.schema.branches[2]).toBe(a?.schema);
  });

  it('keeps attributes and reads logical types that fit', () => {
    const schema = parseAvroSchema(
      record(
        '{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2},"dictionaryElement":"urn:x"},{"name":"b","type":{"type":"string","logicalType":"date"}}',
      ),
    );
    if (schema.type !== 'record') throw new Error('no record');
    expect(schema.fields[0]).toMatchObject({
      attributes: { dictionaryElement: 'urn:x' },
      schema: { logicalType: { kind: 'decimal', precision: 4, scale: 2 } },
    });
    expect(schema.fields[1]).toMatchObject({ schema: { logicalType: null, attributes: { logicalType: 'date' } } });
  });

  it('accepts the limits themselves', () => {
    parseAvroSchema(nested(31));
    parseAvroSchema(record(Array.from({ length: 1000 }, (_, index) => `{"name":"a${index}","type":"int"}`).join()));
  });

  it('accepts every schema of the platform’s own topics', () => {
    const folder = new URL('../../../schemas/avro/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('.avsc'));
    expect(files.length).toBeGreaterThanOrEqual(6);
    for (const file of files) {
      const schema = parseAvroSchema(readFileSync(new URL(file, folder), 'utf8'));
      expect(schema).toMatchObject({ type: 'record', name: `vn.gov.truc.${file.replace('.avsc', '')}` });
    }
  });

  it('throws nothing but its own error, whatever the JSON', () => {
    const words = fc.constantFrom('record', 'enum', 'fixed', 'array', 'map', 'int', 'null', 'R', '__proto__', 'constructor', 'toString');
    const json = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        words,
        fc.constantFrom(0, -1, 3, 1.5, true, null),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'type',
            'name',
            'fields',
            'items',
            'values',
            'symbols',
            'size',
            'default',
            'aliases',
            'namespace',
            'logicalType',
            '__proto__',
          ),
          tie('node'),
          { maxKeys: 6 },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(json, (value) => {
        try {
          parseAvroSchema(JSON.stringify(value));
        } catch (error) {
          expect(error).toMatchObject({ name: 'TrucError', path: expect.stringMatching(/^\$/) as unknown });
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('goes on behind a broken limit, so that all of them are told', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `{"name":"f${index}","type":"int"}`).join(',');
    const text = record(
      `{"name":"họ","type":"int"},{"name":"a","type":{"type":"array","items":"null"}},{"name":"b","type":${nested(40)}},{"name":"x","type":{"type":"record","name":"Many","fields":[${many}]}}`,
    );
    const { schema, limits } = readAvroSchema(text);
    expect(schema).toMatchObject({ type: 'record', name: 'R' });
    expect(limits.map(({ limit, path }) => `${limit?.kind} ${limit?.found} ${path.slice(0, 20)}`)).toEqual([
      'name họ $.fields[0].name',
      'depth 33 $.fields[2].type.ite',
      'fields 1004 $.fields[3].type.fie',
      'itemBytes 0 $.fields[1].type.ite',
    ]);
    expect(() => parseAvroSchema(text)).toThrow(limits[0]);
  });

  it('tells a bounded number of broken limits', () => {
    const symbols = Array.from({ length: 10_000 }, () => 'é');
    expect(
      readAvroSchema(JSON.stringify(['null', { type: 'map', values: { type: 'record', name: 'é', aliases: symbols, fields: [] } }])).limits,
    ).toHaveLength(1000);
  });

  it('judges defaults once each, in however many ways records contain each other', () => {
    let doubled: Record<string, unknown> = { type: 'record', name: 'N0', fields: [{ name: 'v', type: 'int', default: 1 }] };
    for (let level = 1; level < 30; level++) {
      const inner = `N${level - 1}`;
      const fields = [
        { name: 'a', type: doubled, default: {} },
        { name: 'b', type: inner, default: {} },
      ];
      doubled = { type: 'record', name: `N${level}`, fields };
    }
    expect(parseAvroSchema(JSON.stringify(doubled)).type).toBe('record');
    const either = ['R', { type: 'record', name: 'S', fields: [{ name: 'x', type: ['R', 'S', 'int'] }] }, 'int'];
    const nestedDefault = Array.from({ length: 60 }).reduce<unknown>((inner) => ({ x: inner }), 'nothing of these');
    const text = JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'x', type: either, default: nestedDefault }] });
    expect(() => parseAvroSchema(text)).toThrow(expect.objectContaining({ code: 'AVRO_SCHEMA_INVALID', path: '$.fields[0].default' }));
  });

  it('does not recurse into what is nested without end, wherever it stands', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    for (const text of [deep, record(`{"name":"a","type":"int","x":${deep}}`), record(`{"name":"a","type":"int","default":${deep}}`)]) {
      expect(readAvroSchema(text)).toMatchObject({ schema: null, limits: [{ path: '$', limit: { kind: 'jsonDepth' } }] });
    }
    expect(readAvroSchema(record(`{"name":"a","type":"int","doc":"${'['.repeat(500)}\\"["}`)).limits).toEqual([]);
  });
});
