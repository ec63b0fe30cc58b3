import fc from 'fast-check';
import { parsePostgresArray, type PostgresArray } from './postgres-array.js';

/** Writes an array the way PostgreSQL does; quotes more than it must, which PostgreSQL reads just the same. */
function write(items: PostgresArray): string {
  const text = items.map((item) => {
    if (item === null) return 'NULL';
    if (Array.isArray(item)) return write(item);
    return /^[A-Za-z0-9]+$/.test(item) && item.toUpperCase() !== 'NULL' ? item : `"${item.replace(/[\\"]/g, '\\$&')}"`;
  });
  return `{${text.join(',')}}`;
}

describe('the text of an array', () => {
  it.each<[string, PostgresArray | null]>([
    ['{}', []],
    ['{a,"b c",NULL,"NULL",null}', ['a', 'b c', null, 'NULL', null]],
    ['{"",x}', ['', 'x']],
    ['{"a\\"b","c\\\\d","{e,f}"}', ['a"b', 'c\\d', '{e,f}']],
    [
      '{{1,2},{3,4}}',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['[2:3]={a,b}', ['a', 'b']],
    [
      '[0:1][-1:0]={{a,b},{c,d}}',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['{Ama Mẫu,Y M}', ['Ama Mẫu', 'Y M']],
    ['{\\N\\U\\L\\L}', ['NULL']],
    ['', null],
    ['{', null],
    ['{a', null],
    ['{"a}', null],
    ['{a}}', null],
    ['{a,}', null],
    ['{,a}', null],
    ['{a,,b}', null],
    ['{a}x', null],
    ['{"a"b}', null],
    ['[1:2={a}', null],
    ['{{{{{{{a}}}}}}}', null],
  ])('%s', (text, expected) => {
    expect(parsePostgresArray(text)).toEqual(expected);
  });

  it('comes back from what PostgreSQL would write', () => {
    const flat = fc.array(fc.option(fc.string({ unit: 'binary' }), { nil: null }));
    fc.assert(
      fc.property(fc.oneof(flat, fc.array(flat, { minLength: 1 })), (items) => {
        expect(parsePostgresArray(write(items))).toEqual(items);
      }),
    );
  });

  it('is never an exception', () => {
    fc.assert(fc.property(fc.stringMatching(/^[{}",\\a=[\]:1N]{0,30}$/), (text) => void parsePostgresArray(text)));
  });
});
