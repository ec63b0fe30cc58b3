import fc from 'fast-check';
import { PeriodTable, type Period } from './period-table.js';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const codes = fc.oneof(
  ...[1, 2, 5, 6].map((length) => fc.array(digits(length))),
  fc.array(digits(3), { minLength: 8 }),
  fc.array(fc.oneof(digits(2), digits(3))),
  fc.array(fc.oneof(digits(2), fc.string({ maxLength: 3 }))),
);
const asked = fc.oneof(
  digits(1),
  digits(2),
  digits(3),
  digits(5),
  fc.string({ maxLength: 6 }),
  fc.constantFrom('', '٠١', '-1', '1e', ' 1', '０１'),
);
const day = fc.constantFrom(0, 19000101, 20250630, 20250701, 20260301, 99999999);
const period: fc.Arbitrary<Period> = fc.record({ from: day, to: day, parent: fc.constantFrom(null, '01', '79') });
const periods = fc.array(period, { minLength: 1, maxLength: 5 });

describe('the periods of codes', () => {
  it('are found in a list as long as that of communes, and not in codes beside it', () => {
    const byCode = new Map(
      Array.from({ length: 1000 }, (_, n) => [String(n * 97).padStart(5, '0'), [{ from: 20250701, to: 99999999, parent: String(n % 34) }]]),
    );
    const table = new PeriodTable(byCode);
    for (let n = 0; n < 97_000; n++) {
      const code = String(n).padStart(5, '0');
      const expected = n % 97 === 0 ? [true, false, String((n / 97) % 34)] : [false, false, null];
      const found = [table.isInForce(code, 20260301), table.isInForce(code, 20250630), table.parentOn(code, 20250701)];
      if (found.join() !== expected.join()) throw new Error(`${code}: ${found.join()} instead of ${expected.join()}`);
    }
    expect([table.isInForce('9700', 20260301), table.isInForce('097000', 20260301)]).toEqual([false, false]);
  });

  it('are found as by looking at every one of them, whatever the codes are made of', () => {
    fc.assert(
      fc.property(codes, fc.array(periods, { minLength: 1 }), fc.array(asked), (known, some, others) => {
        const byCode = new Map(known.map((code, index) => [code, some[index % some.length]!]));
        const table = new PeriodTable(byCode);
        expect([table.size, [...table.codes()]]).toEqual([byCode.size, [...byCode.keys()]]);
        for (const code of [...known, ...others]) {
          expect([code, table.has(code)]).toEqual([code, byCode.has(code)]);
          for (const on of [0, 19991231, 20250630, 20250701, 20270101, 99999999]) {
            const found = byCode.get(code)?.find(({ from, to }) => from <= on && on <= to);
            expect([code, on, table.isInForce(code, on), table.parentOn(code, on)]).toEqual([
              code,
              on,
              found !== undefined,
              found?.parent ?? null,
            ]);
          }
        }
      }),
    );
  });
});
