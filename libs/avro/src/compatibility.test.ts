import fc from 'fast-check';
import { CompatibilityWalk } from './compatibility-walk.js';
import { checkCompatibility, type IncompatibilityKind } from './compatibility.js';
import { isCompatible, type CompatibilityLevel } from './compatibility-level.js';
import { parseAvroSchema } from './schema-parser.js';
import { schemasAndValues } from './random-schema.test-data.js';

const parse = (json: unknown) => parseAvroSchema(JSON.stringify(json));
const record = (fields: unknown[], more: object = {}) => ({ type: 'record', name: 'R', ...more, fields });
const enumeration = (symbols: string[], more: object = {}) => ({ type: 'enum', name: 'E', symbols, ...more });
const fixed = (size: number, more: object = {}) => ({ type: 'fixed', name: 'F', size, ...more });
const list = (more: unknown[]) => record([{ name: 'next', type: ['null', 'R'], default: null }, ...more]);

describe('compatibility', () => {
  it.each<[string, unknown, unknown, IncompatibilityKind[]]>([
    ['int as long', 'long', 'int', []],
    ['int as float', 'float', 'int', []],
    ['int as double', 'double', 'int', []],
    ['long as float', 'float', 'long', []],
    ['float as double', 'double', 'float', []],
    ['string as bytes', 'bytes', 'string', []],
    ['bytes as string', 'string', 'bytes', []],
    ['long as int', 'int', 'long', ['TYPE_MISMATCH']],
    ['double as float', 'float', 'double', ['TYPE_MISMATCH']],
    ['string as int', 'int', 'string', ['TYPE_MISMATCH']],
    ['a logical type as its base', 'int', { type: 'int', logicalType: 'date' }, []],
    ['array items are promoted', { type: 'array', items: 'long' }, { type: 'array', items: 'int' }, []],
    ['map values that differ', { type: 'map', values: 'int' }, { type: 'map', values: 'string' }, ['TYPE_MISMATCH']],
    ['a new field with default', record([{ name: 'a', type: 'int', default: 0 }]), record([]), []],
    ['a new field without default', record([{ name: 'a', type: 'int' }]), record([]), ['READER_FIELD_MISSING_DEFAULT_VALUE']],
    ['a field that is gone', record([]), record([{ name: 'a', type: 'int' }]), []],
    ['a renamed field with alias', record([{ name: 'b', type: 'int', aliases: ['a'] }]), record([{ name: 'a', type: 'int' }]), []],
    [
      'an alias for a second field',
      record([{ name: 'b', type: 'int', aliases: ['a'] }]),
      record([
        { name: 'a', type: 'int' },
        { name: 'b', type: 'int' },
      ]),
      ['NAME_MISMATCH'],
    ],
    ['another record name', record([], { name: 'S' }), record([]), ['NAME_MISMATCH']],
    ['a renamed record with alias', record([], { name: 'S', aliases: ['R'] }), record([]), []],
    ['another namespace', record([], { namespace: 'n' }), record([], { namespace: 'm' }), []],
    ['a symbol more in the reader', enumeration(['A', 'B']), enumeration(['A']), []],
    ['a symbol less in the reader', enumeration(['A']), enumeration(['A', 'B']), ['MISSING_ENUM_SYMBOLS']],
    ['a symbol less with a default', enumeration(['A'], { default: 'A' }), enumeration(['A', 'B']), []],
    ['another size', fixed(4), fixed(5), ['FIXED_SIZE_MISMATCH']],
    ['another size and name', fixed(4, { name: 'G' }), fixed(5), ['NAME_MISMATCH', 'FIXED_SIZE_MISMATCH']],
    ['a type as a union with it', ['null', 'string'], 'string', []],
    ['a type as a union that promotes it', ['null', 'long'], 'int', []],
    ['a union as one of its branches', 'string', ['null', 'string'], ['TYPE_MISMATCH']],
    ['a union of one as its branch', 'long', ['int'], []],
    ['a union with fewer branches', ['null', 'string'], ['null', 'string', 'int'], ['MISSING_UNION_BRANCH']],
    ['a record in a union', ['null', record([{ name: 'a', type: 'long' }])], ['null', record([{ name: 'a', type: 'int' }])], []],
    ['a recursive record', list([{ name: 'a', type: 'long' }]), list([{ name: 'a', type: 'int' }]), []],
    ['a recursive record that differs', list([{ name: 'a', type: 'int' }]), list([{ name: 'a', type: 'string' }]), ['TYPE_MISMATCH']],
  ])('%s', (_, reader, writer, kinds) => {
    expect(checkCompatibility(parse(reader), parse(writer)).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('finds in a large union what reads a type, by name, by alias and by promotion, and nothing else', () => {
    const many = (prefix: string) => Array.from({ length: 200 }, (_, index) => fixed(1, { name: `${prefix}${index}` }));
    const reader = parse([
      ...many('A'),
      fixed(1, { name: 'Z', aliases: ['n.Old', 'B7'] }),
      'long',
      { type: 'array', items: 'long' },
      'string',
    ]);
    const readable = [
      fixed(1, { name: 'A199' }),
      fixed(1, { name: 'm.A3' }),
      fixed(1, { name: 'n.Old' }),
      fixed(1, { name: 'B7' }),
      'int',
      'bytes',
      { type: 'array', items: 'int' },
    ];
    for (const writer of readable) expect(checkCompatibility(reader, parse(writer))).toEqual([]);
    expect(checkCompatibility(reader, parse(many('A')))).toEqual([]);
    const unreadable = [
      fixed(2, { name: 'A199' }),
      fixed(1, { name: 'Old' }),
      record([], { name: 'A3' }),
      'double',
      { type: 'array', items: 'string' },
    ];
    for (const writer of unreadable) expect(checkCompatibility(reader, parse(writer))).toMatchObject([{ kind: 'MISSING_UNION_BRANCH' }]);
    expect(checkCompatibility(reader, parse(many('C')))).toHaveLength(200);
  });

  it('lists everything, with paths', () => {
    const reader = record([
      { name: 'a', type: 'int' },
      { name: 'b', type: 'string' },
      { name: 'c', type: enumeration(['A']) },
    ]);
    const writer = record([
      { name: 'b', type: 'int' },
      { name: 'c', type: enumeration(['A', 'B']) },
    ]);
    expect(checkCompatibility(parse(reader), parse(writer)).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'READER_FIELD_MISSING_DEFAULT_VALUE /fields/0',
      'TYPE_MISMATCH /fields/1/type',
      'MISSING_ENUM_SYMBOLS /fields/2/type/symbols',
    ]);
  });

  it('names branches of a written union by their index', () => {
    const found = checkCompatibility(parse(record([{ name: 'a', type: 'int' }])), parse(record([{ name: 'a', type: ['int', 'string'] }])));
    expect(found).toEqual([expect.objectContaining({ kind: 'TYPE_MISMATCH', path: '/fields/0/type/1' })]);
    expect(found[0]!.detail).toBe('reader type: INT not compatible with writer type: STRING');
  });

  it('takes the default of an enum type for none of the field', () => {
    const reader = record([{ name: 'a', type: enumeration(['A'], { default: 'A' }) }]);
    expect(checkCompatibility(parse(reader), parse(record([])))).toEqual([
      expect.objectContaining({
        kind: 'TYPE_MISMATCH',
        path: '/fields/0/type',
        detail: 'reader type: ENUM not compatible with writer type: RECORD',
      }),
    ]);
  });

  it('finds what Java does not: a type that was taken for readable while another one was under way', () => {
    // A in the union is read as C. B is judged inside of A first, where A counts as readable; outside of the union it is not.
    const versions = (type: string) =>
      record([
        {
          name: 'f',
          type: [
            {
              type: 'record',
              name: 'A',
              fields: [
                { name: 'b', type: { type: 'record', name: 'B', fields: [{ name: 'a', type: { type: 'array', items: 'A' } }] } },
                { name: 'x', type },
              ],
            },
            { type: 'record', name: 'C', aliases: ['A'], fields: [] },
          ],
        },
        { name: 'g', type: 'B' },
      ]);
    const [reader, writer] = [parse(versions('int')), parse(versions('string'))];
    expect([...new CompatibilityWalk().reasons(reader, writer)]).toEqual([]);
    expect(checkCompatibility(reader, writer)).not.toEqual([]);
  });

  it('is given by every schema with itself', () => {
    fc.assert(
      fc.property(schemasAndValues, ({ json }) => {
        expect(checkCompatibility(parse(json), parse(json))).toEqual([]);
      }),
    );
  });

  it('says why whenever it says no', () => {
    // Explaining walks another way than deciding: one must not find what the other does not.
    fc.assert(
      fc.property(schemasAndValues, schemasAndValues, ({ json: one }, { json: other }) => {
        const [reader, writer] = [parse({ type: 'array', items: one }), parse({ type: 'array', items: other })];
        const inUnion = checkCompatibility(parse(['null', { type: 'array', items: one }]), writer);
        expect(inUnion.length === 0).toBe(checkCompatibility(reader, writer).length === 0);
      }),
      { numRuns: 500 },
    );
  });

  it('takes no exponential time over records that refer to each other in unions', () => {
    const chain = (last: string) => {
      const level = (depth: number): unknown =>
        depth === 14
          ? last
          : [
              'null',
              { type: 'record', name: `A${depth}`, fields: [{ name: 'x', type: level(depth + 1) }] },
              { type: 'record', name: `B${depth}`, fields: [{ name: 'x', type: ['null', `A${depth}`] }] },
            ];
      return parse(level(0));
    };
    expect(checkCompatibility(chain('int'), chain('string'))).not.toEqual([]);
    expect(checkCompatibility(chain('long'), chain('int'))).toEqual([]);
  });

  const one = record([{ name: 'a', type: 'int' }]);
  const two = record([
    { name: 'a', type: 'int' },
    { name: 'b', type: 'int' },
  ]);
  const optional = record([
    { name: 'a', type: 'int' },
    { name: 'b', type: ['null', 'int'], default: null },
  ]);
  it.each<[CompatibilityLevel, unknown, unknown[], boolean]>([
    ['NONE', 'string', ['int'], true],
    ['BACKWARD', one, [two], true],
    ['BACKWARD', two, [one], false],
    ['FORWARD', two, [one], true],
    ['FORWARD', one, [two], false],
    ['FULL', optional, [one], true],
    ['FULL', two, [one], false],
    ['FULL', one, [two, optional], true],
    ['FULL_TRANSITIVE', one, [two, optional], false],
    ['BACKWARD', 'long', ['string', 'int'], true],
    ['BACKWARD_TRANSITIVE', 'long', ['string', 'int'], false],
    ['FORWARD_TRANSITIVE', 'int', ['long', 'string'], false],
    ['FULL_TRANSITIVE', one, [], true],
  ])('%s (%#)', (level, next, previous, compatible) => {
    expect(isCompatible(level, parse(next), previous.map(parse)).compatible).toBe(compatible);
  });
});
