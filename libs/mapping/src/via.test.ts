import { columnsOf, parseVia } from './via.js';

describe('via', () => {
  it.each<[string | null, object]>([
    [null, { kind: 'row' }],
    ['expression', { kind: 'expression' }],
    ['dkkd.doanh_nghiep(id).ma_so_dn', { kind: 'parent', parent: { table: 'dkkd.doanh_nghiep', key: ['id'], code: 'ma_so_dn' } }],
    [
      'dat_dai.thua_dat(ma_xa,so_to, so_thua).ma_dinh_danh_bds',
      { kind: 'parent', parent: { table: 'dat_dai.thua_dat', key: ['ma_xa', 'so_to', 'so_thua'], code: 'ma_dinh_danh_bds' } },
    ],
    ['Đất.Thửa(Mã xã).Mã', { kind: 'parent', parent: { table: 'Đất.Thửa', key: ['Mã xã'], code: 'Mã' } }],
    [
      'a.b(c) -> d.e.f',
      {
        kind: 'far',
        tables: [
          { table: 'a.b', key: ['c'] },
          { table: 'd.e', key: [] },
        ],
        code: 'f',
      },
    ],
    [
      'a.b(c) -> d.e(f,g) -> h.i(j).k',
      {
        kind: 'far',
        tables: [
          { table: 'a.b', key: ['c'] },
          { table: 'd.e', key: ['f', 'g'] },
          { table: 'h.i', key: ['j'] },
        ],
        code: 'k',
      },
    ],
  ])('%s', (text, expected) => {
    expect(parseVia(text)).toEqual(expected);
  });

  it.each(['', 'doanh_nghiep(id).ma', 'dkkd.doanh_nghiep.ma', 'a.b().c', 'a.b(c)', 'a.b(c).d.e', 'a.b(c) -> ', '-> a.b.c', 'expressions'])(
    'refuses "%s" and says what may be written',
    (text) => {
      expect(() => parseVia(text)).toThrow(expect.objectContaining({ code: 'MAPPING_VIA_INVALID' }));
      expect(() => parseVia(text)).toThrow(/dkkd\.doanh_nghiep\(id\)\.ma_so_dn/);
    },
  );

  it('takes the time of its length for any text', () => {
    expect(() => parseVia(`a.b(${'c,'.repeat(500)}`)).toThrow();
    expect(() => parseVia(`${'a.b(c) -> '.repeat(100)}`)).toThrow();
  });

  it('names several columns with commas', () => {
    expect(columnsOf('ma_xa,so_to, so_thua')).toEqual(['ma_xa', 'so_to', 'so_thua']);
  });
});
