import { compileTable, type ElementShapes, type MappedDataset } from './compiled-table.js';
import type { SourceColumn } from './column-binding.js';
import { MemoryParentCodes } from './memory-parent-codes.js';
import { parentName } from './parent-codes.js';
import type { TablePolicy } from './table-policy.js';

const urn = (name: string) => `urn:vn:ddict:element:${name}`;
const release: ElementShapes = { element: (id) => ({ valueDomain: id }), valueDomain: () => ({ avroType: 'string' }) };
const field = (name: string, more = {}) => ({
  name,
  element: urn(name),
  role: 'source' as const,
  protection: 'none' as const,
  required: false,
  ...more,
});
const column = (name: string, type = 'text', isKey = true): SourceColumn => ({ name, type, isKey });

describe('a code that a discriminator decides on', () => {
  const when = (...values: string[]) => ({ op: 'when', column: 'loai', in: values });
  const person = { column: 'so_dd', element: urn('person'), transform: when('CA_NHAN', 'HO') };
  const enterprise = { column: 'ma_so', element: urn('enterprise'), transform: [{ op: 'lpad', length: 10, fill: '0' }, when('TO_CHUC')] };
  const table: TablePolicy = {
    table: 'dat_dai.chu',
    dataset: 'land.user',
    primaryKey: ['id'],
    identification: {
      column: 'so_dd',
      transform: person.transform,
      cases: [
        { ...person, scheme: 'personal-id' },
        { ...enterprise, scheme: 'enterprise-code' },
      ],
    },
    columns: [person, enterprise],
    referenceDateColumn: null,
  };
  const dataset: MappedDataset = {
    fields: [field('person'), field('enterprise')],
    codeField: 'person',
    scheme: 'personal-id',
    keyIsCode: false,
  };
  const bound = compileTable(table, dataset, release).bind(['id', 'loai', 'so_dd', 'ma_so'].map((name) => column(name)));

  it.each<[string | null, string, string | null]>([
    ['CA_NHAN', 'personal-id', '001099000012'],
    ['HO', 'personal-id', '001099000012'],
    ['TO_CHUC', 'enterprise-code', '0100109106'],
    ['KHAC', 'personal-id', null],
    [null, 'personal-id', null],
  ])('of a row with %s is of the scheme %s: %s', (kind, scheme, code) => {
    const values = ['7', kind, '001099000012', '100109106'];
    expect(bound.map(values)).toMatchObject({ scheme, code, rowKey: '["7"]', problems: [] });
    expect(bound.keyOf(values)).toEqual({ scheme, code, rowKey: '["7"]' });
  });

  it('needs the discriminator in the replica identity', () => {
    const columns = ['id', 'loai', 'so_dd', 'ma_so'].map((name) => column(name, 'text', name !== 'loai'));
    expect(() => compileTable(table, dataset, release).bind(columns)).toThrow(
      expect.objectContaining({ code: 'MAPPING_KEY_MISSING', message: expect.stringContaining('dat_dai.chu.loai') }),
    );
  });
});

describe("a code in a parent's row", () => {
  const via = { table: 'dkkd.dn', key: ['vung', 'id'], code: 'ma_so', columns: ['dn_vung', 'dn_id'] };
  const table: TablePolicy = {
    table: 'dkkd.nguoi',
    dataset: 'business.person',
    primaryKey: ['dn_vung', 'dn_id', 'stt'],
    identification: { column: 'dn_vung,dn_id', transform: { op: 'lpad', length: 10, fill: '0' }, via },
    columns: [{ column: 'ten', element: urn('name'), transform: null }],
    referenceDateColumn: null,
  };
  const dataset: MappedDataset = {
    fields: [field('enterprise', { required: true }), field('name')],
    codeField: 'enterprise',
    scheme: 'enterprise-code',
    keyIsCode: false,
  };
  const compiled = compileTable(table, dataset, release);
  // The child keeps its copy of the key padded, the parent does not.
  const columns = [column('dn_vung', 'character(4)'), column('dn_id'), column('stt'), column('ten', 'text', false)];
  const parentColumns = [column('ma_so', 'numeric(10,0)', false), column('id'), column('vung', 'character varying(4)')];
  const parents = new MemoryParentCodes();
  const parent = compiled.bindParent(parentColumns);
  parents.take(parentName(via), parent, ['100109106', '1', 'N']);
  parents.take(parentName(via), parent, [null, '2', 'N']);
  const bound = compiled.bind(columns, parents);

  it('is asked of whoever remembers parents, by all the columns of the key', () => {
    expect(compiled.columns).toEqual(['dn_vung', 'dn_id', 'stt', 'ten']);
    expect(compiled.parent).toMatchObject({ table: 'dkkd.dn', key: ['vung', 'id'], code: 'ma_so' });
    expect(bound.map(['N   ', '1', '3', 'Mẫu'])).toEqual({
      row: { enterprise: '0100109106', name: 'Mẫu' },
      scheme: 'enterprise-code',
      code: '0100109106',
      rowKey: '["N   ","1","3"]',
      referenceDate: null,
      problems: [],
    });
    expect(bound.keyOf(['N   ', '1', '3', null])).toMatchObject({ code: '0100109106' });
  });

  it.each([
    ['1', '1.00'],
    ['10', '10'],
    ['0', '0.0'],
    ['-2.5', '-2.500'],
  ])('is that of the parent %s where the child says %s, as it is for PostgreSQL', (key, copy) => {
    const numeric = [column('ma_so', 'text', false), column('id', 'numeric'), column('vung', 'text')];
    const child = [column('dn_vung', 'text'), column('dn_id', 'numeric'), column('stt'), column('ten', 'text', false)];
    const codes = new MemoryParentCodes();
    codes.take(parentName(via), compiled.bindParent(numeric), ['0100109106', key, 'N']);
    expect(compiled.bind(child, codes).map(['N', copy, '3', 'Mẫu'])).toMatchObject({ code: '0100109106', problems: [] });
  });

  it('is missing where the parent has none, or the row points nowhere', () => {
    expect(bound.map(['N', '2', '3', 'Mẫu'])).toMatchObject({ code: null, problems: [] });
    expect(bound.map(['N', null, '3', 'Mẫu'])).toMatchObject({ code: null, problems: [] });
  });

  it('waits where the parent is not known, and is left out where the key is', () => {
    expect(bound.map(['N', '9', '3', 'Mẫu'])).toMatchObject({
      code: null,
      row: { enterprise: null, name: 'Mẫu' },
      problems: [{ rule: 'V1', field: 'enterprise', reason: expect.stringMatching(/^parent-unknown: no row of dkkd\.dn /) }],
    });
    expect(bound.map(['N', undefined, '3', 'Mẫu']).problems).toContainEqual(
      expect.objectContaining({ rule: 'TOAST', field: 'enterprise' }),
    );
  });

  it('needs whoever remembers parents, and the parent its key in the replica identity', () => {
    expect(() => compiled.bind(columns)).toThrow(expect.objectContaining({ code: 'MAPPING_PARENTS_MISSING' }));
    expect(() => compiled.bindParent(parentColumns.map((one) => ({ ...one, isKey: one.name !== 'vung' })))).toThrow(
      expect.objectContaining({ code: 'MAPPING_KEY_MISSING', message: expect.stringContaining('dkkd.dn.vung') }),
    );
    const short = { ...table, identification: { ...table.identification, via: { ...via, columns: ['dn_id'] } } };
    expect(() => compileTable(short, dataset, release)).toThrow(expect.objectContaining({ code: 'MAPPING_VIA_INVALID' }));
  });

  it('is bounded in memory', () => {
    const few = new MemoryParentCodes(1);
    few.take('p', parent, ['1', '1', 'N']);
    expect(() => few.take('p', parent, ['1', '2', 'N'])).toThrow(RangeError);
  });
});

describe('a list', () => {
  it('is converted member by member, and one that does not fit is a problem of the whole', () => {
    const shapes: ElementShapes = { ...release, valueDomain: (id) => ({ avroType: id === urn('years') ? 'int' : 'string' }) };
    const years = { column: 'nam', element: urn('years'), transform: { op: 'each' } };
    const table: TablePolicy = {
      table: 'a.b',
      dataset: 'a.b',
      primaryKey: ['ma'],
      identification: { column: 'ma', transform: null },
      columns: [{ column: 'ma', element: urn('code'), transform: null }, years],
      referenceDateColumn: null,
    };
    const dataset: MappedDataset = {
      fields: [field('code'), field('years', { isList: true })],
      codeField: 'code',
      scheme: 's',
      keyIsCode: true,
    };
    const bound = compileTable(table, dataset, shapes).bind([column('ma'), column('nam', 'integer[]', false)]);
    expect(bound.map(['x', '{2024,2025}']).row).toEqual({ code: 'x', years: [2024, 2025] });
    expect(bound.map(['x', '{2024,99999999999}'])).toMatchObject({
      row: { years: null },
      problems: [{ rule: 'V2', field: 'years', column: 'nam' }],
    });
    expect(() => compileTable(table, dataset, shapes).bind([column('ma'), column('nam', 'jsonb', false)])).toThrow(/jsonPath/);
  });
});
