import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Row } from '@truc/kernel';
import { compileRowText, RowFingerprint, type FingerprintColumn } from './row-fingerprint.js';

const columns: FingerprintColumn[] = [
  { name: 'name', type: { kind: 'text' } },
  { name: 'born', type: { kind: 'date' } },
  { name: 'area', type: { kind: 'decimal', precision: 12, scale: 2 } },
  { name: 'height', type: { kind: 'double' } },
];
const rows: fc.Arbitrary<Row> = fc.record({
  name: fc.option(fc.string({ unit: 'grapheme' })),
  born: fc.option(fc.integer()),
  area: fc.option(fc.bigInt({ min: -99_999n, max: 99_999n })),
  height: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
});

function digestOf(items: readonly Row[]): string {
  const fingerprint = new RowFingerprint(columns);
  for (const row of items) fingerprint.add(row);
  expect(fingerprint.rows).toBe(items.length);
  return fingerprint.digest();
}

describe('row fingerprint', () => {
  it('has the canonical text that is written down', () => {
    const text = compileRowText(columns)({ name: 'Trần "Tí"\n', born: -719_163, area: -1_250n, height: 1e21 });
    expect(text).toBe('"area":-1250e-2\n"born":-719163\n"height":1e+21\n"name":"Trần \\"Tí\\"\\n"\n');
    expect(compileRowText(columns)({ name: null, born: 0, area: null, height: -0 })).toBe('"born":0\n"height":0\n');
  });

  it('is the sum of the rows’ digests modulo 2^256', () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 30 }), (items) => {
        const text = compileRowText(columns);
        const sum = items.reduce((total, row) => total + BigInt(`0x${createHash('sha256').update(text(row)).digest('hex')}`), 0n);
        expect(digestOf(items)).toBe((sum % 2n ** 256n).toString(16).padStart(64, '0'));
      }),
    );
  });

  it('does not depend on the order of rows or columns', () => {
    fc.assert(
      fc.property(
        fc.array(rows).chain((items) => fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length }))),
        ([items, shuffled]) => {
          expect(digestOf(shuffled)).toBe(digestOf(items));
          const reversed = new RowFingerprint([...columns].reverse());
          for (const row of items) reversed.add(row);
          expect(reversed.digest()).toBe(digestOf(items));
        },
      ),
    );
  });

  it('differs when a row is changed, lost, doubled, or a value moves to another field', () => {
    const a: Row = { name: '1', born: 1, area: null, height: null };
    expect(digestOf([a])).not.toBe(digestOf([{ ...a, born: 2 }]));
    expect(digestOf([a])).not.toBe(digestOf([]));
    expect(digestOf([a])).not.toBe(digestOf([a, a]));
    expect(digestOf([{ ...a, born: null, height: 1 }])).not.toBe(digestOf([{ ...a, height: null }]));
    expect(digestOf([])).toBe('0'.repeat(64));
  });
});
