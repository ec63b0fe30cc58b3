import fc from 'fast-check';
import { compileTable, type ElementShapes, type MappedDataset } from './compiled-table.js';
import type { SourceColumn } from './column-binding.js';
import type { TablePolicy } from './table-policy.js';
import type { ValueShape } from './value-conversion.js';

const shapes: Record<string, ValueShape> = {
  id: { avroType: 'string', logicalType: null },
  name: { avroType: 'string', logicalType: null },
  birth: { avroType: 'int', logicalType: 'date' },
  count: { avroType: 'int', logicalType: null },
  large: { avroType: 'long', logicalType: null },
  seen: { avroType: 'long', logicalType: 'timestamp-micros' },
  latitude: { avroType: 'bytes', logicalType: 'decimal', precision: 9, scale: 6 },
  alive: { avroType: 'boolean', logicalType: null },
};
const urn = (name: string) => `urn:vn:ddict:element:person.${name}`;
const release: ElementShapes = {
  element: (id) => (id.startsWith(urn('')) && shapes[id.slice(urn('').length)] ? { valueDomain: id.slice(urn('').length) } : undefined),
  valueDomain: (id) => shapes[id],
};
const dataset: MappedDataset = {
  fields: Object.keys(shapes).map((name) => ({
    name,
    element: `${urn(name)}@1.0.0`,
    role: 'source',
    protection: 'none',
    required: name === 'id',
  })),
  codeField: 'id',
  scheme: 'personal-id',
  keyIsCode: false,
};
const table: TablePolicy = {
  table: 'dancu.cong_dan',
  dataset: 'population.resident',
  primaryKey: ['ma', 'tinh'],
  identification: { column: 'ma', transform: { op: 'lpad', length: 12, fill: '0' } },
  columns: [
    { column: 'ma', element: urn('id'), transform: { op: 'lpad', length: 12, fill: '0' } },
    { column: 'ten', element: urn('name'), transform: [{ op: 'trim' }, { op: 'nfc' }] },
    { column: 'sinh', element: urn('birth'), transform: null },
    { column: 'so', element: urn('count'), transform: null },
    { column: 'lon', element: urn('large'), transform: null },
    { column: 'thay', element: urn('seen'), transform: null },
    { column: 'vi_do', element: urn('latitude'), transform: null },
    { column: 'song', element: urn('alive'), transform: null },
  ],
  referenceDateColumn: 'cap_nhat',
};
const columns: SourceColumn[] = [
  { name: 'ma', type: 'numeric(12,0)', isKey: true },
  { name: 'ten', type: 'character varying(150)', isKey: false },
  { name: 'tinh', type: 'character(2)', isKey: true },
  { name: 'sinh', type: 'date', isKey: false },
  { name: 'so', type: 'integer', isKey: false },
  { name: 'lon', type: 'bigint', isKey: false },
  { name: 'thay', type: 'timestamp with time zone', isKey: false },
  { name: 'vi_do', type: 'numeric', isKey: false },
  { name: 'song', type: 'boolean', isKey: false },
  { name: 'khong_doc', type: 'bytea', isKey: false },
  { name: 'cap_nhat', type: 'timestamp with time zone', isKey: false },
];
const good: Record<string, string | null> = {
  ma: '1099000012',
  ten: ' Nguyễn Văn Mẫu',
  tinh: '01',
  sinh: '1999-03-14',
  so: '-7',
  lon: '9223372036854775807',
  thay: '2025-06-30 23:30:00.000001+07',
  vi_do: '10.776',
  song: 't',
  khong_doc: '\\x00',
  cap_nhat: '2025-06-30 17:00:00+00',
};
const valuesOf = (row: Record<string, string | null | undefined>) => columns.map(({ name }) => row[name]);
const bound = compileTable(table, dataset, release).bind(columns);

describe('a mapped table', () => {
  it('types every value by its value domain', () => {
    expect(bound.map(valuesOf(good))).toEqual({
      row: {
        id: '001099000012',
        name: 'Nguyễn Văn Mẫu',
        birth: 10_664,
        count: -7,
        large: 2n ** 63n - 1n,
        seen: 1_751_301_000_000_001n,
        latitude: 10_776_000n,
        alive: true,
      },
      scheme: 'personal-id',
      code: '001099000012',
      rowKey: '["1099000012","01"]',
      referenceDate: '2025-07-01',
      problems: [],
    });
  });

  it.each([
    ['sinh', 'infinity', 'birth'],
    ['sinh', '0044-03-15 BC', 'birth'],
    ['sinh', '10000-01-01', 'birth'],
    ['sinh', '2025-02-29', 'birth'],
    ['so', '2147483648', 'count'],
    ['so', '1.0', 'count'],
    ['lon', '9223372036854775808', 'large'],
    ['thay', '-infinity', 'seen'],
    ['thay', '2025-06-30 23:30:00', 'seen'],
    ['vi_do', '1000.0', 'latitude'],
    ['vi_do', '10.7760001', 'latitude'],
    ['vi_do', 'NaN', 'latitude'],
    ['song', '1', 'alive'],
  ])('makes a problem, and no value, of %s %s', (column, text, field) => {
    const { row, problems } = bound.map(valuesOf({ ...good, [column]: text }));
    expect(row[field]).toBeNull();
    expect(problems).toEqual([expect.objectContaining({ rule: 'V2', field, column, element: `${urn(field)}@1.0.0` })]);
  });

  it('tells no value', () => {
    const { problems } = bound.map(columns.map(() => 'canary'));
    expect(problems.map(({ field }) => field)).toEqual(['birth', 'count', 'large', 'seen', 'latitude', 'alive', 'id']);
    expect(JSON.stringify(problems)).not.toContain('canary');
  });

  it('says what to do where the source left out a large value', () => {
    const { problems } = bound.map(valuesOf({ ...good, ten: undefined }));
    expect(problems).toEqual([
      expect.objectContaining({ rule: 'TOAST', field: 'name', column: 'ten', reason: expect.stringContaining('REPLICA IDENTITY FULL') }),
    ]);
    expect(bound.map(valuesOf({ ...good, tinh: undefined })).problems).toEqual([expect.objectContaining({ rule: 'TOAST', field: 'id' })]);
    expect(bound.map(valuesOf({ ...good, khong_doc: undefined })).problems).toEqual([]);
  });

  it('throws for no text, and knows a row by its key columns alone', () => {
    const text = fc.oneof(fc.constantFrom(null, undefined, ...Object.values(good)), fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(text, { minLength: columns.length, maxLength: columns.length }), (values) => {
        const mapped = bound.map(values);
        const keyOnly = values.map((value, i) => (columns[i]?.isKey ? value : null));
        expect(bound.keyOf(keyOnly)).toEqual({ scheme: 'personal-id', code: mapped.code, rowKey: mapped.rowKey });
        expect(Object.keys(mapped.row)).toEqual(dataset.fields.map((field) => field.name));
      }),
    );
  });

  it('has no row key where the key is the code', () => {
    const keyed = compileTable({ ...table, primaryKey: ['ma'] }, { ...dataset, keyIsCode: true }, release).bind(columns);
    expect(keyed.keyOf(valuesOf(good))).toEqual({ scheme: 'personal-id', code: '001099000012', rowKey: '' });
  });

  it('takes the code for its field where no column maps that', () => {
    const filled = compileTable({ ...table, columns: table.columns.slice(1) }, dataset, release).bind(columns);
    expect(filled.map(valuesOf(good))).toEqual(bound.map(valuesOf(good)));
    expect(filled.map(valuesOf({ ...good, ma: undefined })).problems).toContainEqual(
      expect.objectContaining({ rule: 'TOAST', field: 'id' }),
    );
  });

  it('reads no column but those it names', () => {
    expect(compileTable(table, dataset, release).columns).toEqual([
      'ma',
      'tinh',
      'ten',
      'sinh',
      'so',
      'lon',
      'thay',
      'vi_do',
      'song',
      'cap_nhat',
    ]);
  });
});

describe('a mapping that is not sound is refused', () => {
  const without = (name: string) => columns.filter((column) => column.name !== name);
  const typed = (name: string, type: string) => columns.map((column) => (column.name === name ? { ...column, type } : column));
  it.each<[string, readonly SourceColumn[], RegExp]>([
    ['MAPPING_COLUMN_MISSING', without('ten'), /dancu\.cong_dan\.ten .*publication/],
    ['MAPPING_COLUMN_MISSING', without('cap_nhat'), /cap_nhat/],
    ['MAPPING_KEY_MISSING', columns.map((column) => ({ ...column, isKey: column.name === 'ma' })), /tinh .*REPLICA IDENTITY USING INDEX/],
    ['MAPPING_TYPE_UNFIT', typed('ten', 'text[]'), /op: first/],
    ['MAPPING_TYPE_UNFIT', typed('ten', 'jsonb'), /jsonPath/],
    ['MAPPING_TYPE_UNFIT', typed('sinh', 'timestamp without time zone'), /localDate/],
    ['MAPPING_TYPE_UNFIT', typed('thay', 'timestamp without time zone'), /no zone/],
    ['MAPPING_TYPE_UNFIT', typed('vi_do', 'money'), /locale/],
  ])('%s at binding', (code, relation, message) => {
    const bind = () => compileTable(table, dataset, release).bind(relation);
    expect(bind).toThrow(expect.objectContaining({ code }));
    expect(bind).toThrow(message);
  });

  const id = table.columns[0];
  it.each<[string, TablePolicy, MappedDataset]>([
    ['MAPPING_FIELD_UNKNOWN', { ...table, columns: [...table.columns, { column: 'x', element: urn('sex'), transform: null }] }, dataset],
    ['MAPPING_FIELD_TWICE', { ...table, columns: id ? [...table.columns, { ...id, column: 'x' }] : [] }, dataset],
    [
      'MAPPING_FIELD_UNMAPPED',
      { ...table, columns: table.columns.filter(({ column }) => column !== 'ten') },
      { ...dataset, fields: dataset.fields.map((field) => (field.name === 'name' ? { ...field, required: true } : field)) },
    ],
    [
      'MAPPING_FIELD_LIST',
      { ...table, columns: table.columns.map((one) => (one.column === 'ten' ? { ...one, transform: { op: 'each' } } : one)) },
      dataset,
    ],
    ['MAPPING_KEY_NOT_CODE', table, { ...dataset, keyIsCode: true }],
    ['MAPPING_FIELD_UNKNOWN', table, { ...dataset, codeField: 'nothing' }],
    [
      'MAPPING_ELEMENT_UNKNOWN',
      table,
      {
        ...dataset,
        fields: [...dataset.fields, { name: 'sex', element: urn('sex'), role: 'source', protection: 'none', required: false }],
      },
    ],
  ])('%s at compiling', (code, policy, fields) => {
    expect(() => compileTable(policy, fields, release)).toThrow(expect.objectContaining({ code }));
  });
});
