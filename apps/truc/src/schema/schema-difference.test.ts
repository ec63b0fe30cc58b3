import { parseAvroSchema } from '@truc/avro';
import fc from 'fast-check';
import { schemaDifferences } from './schema-difference.js';

const parsed = (schema: unknown) => parseAvroSchema(JSON.stringify(schema));
const told = (before: unknown, after: unknown) =>
  schemaDifferences(parsed(before), parsed(after)).map(({ path, kind, attribute, before: was, after: is }) =>
    [path, attribute ?? kind, was, is].join(' | '),
  );
const record = (fields: object[], more: object = {}) => ({ type: 'record', name: 'a.R', fields, ...more });
const element = 'urn:vn:ddict:element:person.full-name@1.0.0';

describe('schemaDifferences', () => {
  it('tells fields that come, go and change, with their paths', () => {
    const before = record([
      { name: 'kept', type: 'string', doc: 'old' },
      { name: 'gone', type: 'int' },
      { name: 'wider', type: 'int' },
      { name: 'items', type: { type: 'array', items: { type: 'map', values: 'int' } } },
    ]);
    const after = record(
      [
        { name: 'wider', type: ['null', 'int'], default: null },
        { name: 'kept', type: 'string', aliases: ['k'], order: 'ignore' },
        { name: 'items', type: { type: 'array', items: { type: 'map', values: 'long' } } },
        { name: 'come', type: 'string', default: 'x' },
      ],
      { doc: 'new' },
    );
    expect(told(before, after)).toEqual([
      '$ | doc |  | new',
      '$.kept | doc | old | ',
      '$.kept | order | ascending | ignore',
      '$.kept | aliases |  | k',
      '$.gone | removed | int | ',
      '$.wider | default |  | null',
      '$.wider | type | int | [null, int]',
      '$.items[]{} | type | int | long',
      '$.come | added |  | string, default "x"',
      '$ | order | kept, wider, items | wider, kept, items',
    ]);
  });

  it('tells symbols, sizes, branches, names, logical types and attributes', () => {
    expect(told({ type: 'enum', name: 'E', symbols: ['A', 'B'] }, { type: 'enum', name: 'F', symbols: ['A', 'C'], default: 'A' })).toEqual([
      '$ | name | E | F',
      '$ | symbols | A, B | A, C',
      '$ | default |  | A',
    ]);
    expect(told({ type: 'fixed', name: 'X', size: 4 }, { type: 'fixed', name: 'X', size: 8 })).toEqual(['$ | size | 4 | 8']);
    expect(told(['null', 'int'], ['null', 'int', 'string'])).toEqual(['$ | type | [null, int] | [null, int, string]']);
    const decimal = (scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision: 9, scale });
    expect(told(decimal(2), decimal(3))).toEqual(['$ | type | bytes (decimal(9,2)) | bytes (decimal(9,3))']);
    expect(told({ type: 'int', logicalType: 'ours' }, { type: 'int', logicalType: 'theirs' })).toEqual([
      '$ | logicalType | "ours" | "theirs"',
    ]);
  });

  it('tells the row of a change envelope by its after, once, with the element', () => {
    const envelope = (type: string) => ({
      type: 'record',
      name: 'Envelope',
      fields: [
        { name: 'before', type: ['null', { type: 'record', name: 'Row', fields: [{ name: 'n', type, dictionaryElement: element }] }] },
        { name: 'after', type: ['null', 'Row'] },
      ],
    });
    const differences = schemaDifferences(parsed(envelope('int')), parsed(envelope('long')));
    expect(differences).toEqual([{ path: '$.after.n', kind: 'type', attribute: null, before: 'int', after: 'long', element }]);
  });

  it('ends with types that contain themselves', () => {
    const list = (type: string) => ({
      type: 'record',
      name: 'L',
      fields: [
        { name: 'v', type },
        { name: 'next', type: ['null', 'L'] },
      ],
    });
    expect(told(list('int'), list('string'))).toEqual(['$.v | type | int | string']);
  });

  it('finds nothing between a schema and itself, and the other way round what it found', () => {
    const type = fc.constantFrom('int', 'string', 'bytes', { type: 'array', items: 'int' }, ['null', 'long']);
    const fields = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), type }), { selector: ({ name }) => name });
    fc.assert(
      fc.property(fields, fields, (one, other) => {
        expect(told(record(one), record(one))).toEqual([]);
        const count = (before: object[], after: object[]) => told(record(before), record(after)).length;
        expect(count(one, other)).toBe(count(other, one));
      }),
    );
  });
});
