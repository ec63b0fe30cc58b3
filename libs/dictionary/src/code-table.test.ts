import fc from 'fast-check';
import { CodeTable } from './code-table.js';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const codes = fc.oneof(
  ...[1, 2, 5, 6].map((length) => fc.array(digits(length))),
  fc.array(fc.oneof(digits(2), digits(3))),
  fc.array(fc.oneof(digits(2), fc.string({ maxLength: 3 }))),
);
const asked = fc.oneof(digits(1), digits(2), digits(5), fc.string({ maxLength: 6 }), fc.constantFrom('', '٠١', '-1', '1e', ' 1', '０１'));

describe('a table of codes', () => {
  it('answers as a map does, whatever the codes are made of', () => {
    fc.assert(
      fc.property(codes, fc.array(asked), (known, others) => {
        const map = new Map(known.map((code, index) => [code, index]));
        const table = new CodeTable(map);
        expect([table.size, [...table.codes()]]).toEqual([map.size, [...map.keys()]]);
        for (const code of [...known, ...others]) expect([code, table.get(code)]).toEqual([code, map.get(code)]);
      }),
    );
  });
});
