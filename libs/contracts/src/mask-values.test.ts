import fc from 'fast-check';
import { compileMask } from './mask-values.js';

const hash = (body: Buffer): string => body.toString('base64');
const masked = (mask: string, element = 'urn:a') => compileMask(mask, element, hash);

describe('what a mask makes of a value', () => {
  it('is the year of a date, and of an instant in Viet Nam', () => {
    const days = (iso: string): number => Date.parse(iso) / 86_400_000;
    expect([masked('year')(days('2025-12-31')), masked('year')(days('1899-01-01')), masked('year')(0)]).toEqual([2025, 1899, 1970]);
    expect(masked('year')(BigInt(Date.parse('2025-12-31T17:00:00Z')) * 1000n)).toBe(2026);
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (day) => {
        expect(masked('year')(day)).toBe(new Date(day * 86_400_000).getUTCFullYear());
      }),
    );
  });

  it('is the last characters of a text, of which at least as many stay hidden, and not how long it was', () => {
    expect(masked('last-4')('0912345678')).toBe('***5678');
    expect(masked('last-4')('1234567')).toBe('***');
    expect(masked('last-1')('𝒜𝒷')).toBe('***𝒷');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, count) => {
        const shown = String(masked(`last-${count}`)(text)).slice(3);
        expect([...shown].length * 2).toBeLessThanOrEqual([...text].length);
        expect(text.endsWith(shown)).toBe(true);
      }),
    );
  });

  it('is one hash for equal values of one element, and another for any other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(masked('hash')(a) === masked('hash')(b)).toBe(a === b);
        expect(masked('hash')(a)).not.toBe(masked('hash', 'urn:b')(a));
      }),
    );
    expect(masked('hash')('1')).not.toBe(masked('hash')(1));
    expect(masked('hash')(1n)).not.toBe(masked('hash')(1));
  });

  it('is of each member of a list', () => {
    expect(masked('last-2')(['0123', '4567'])).toEqual(['***23', '***67']);
  });

  it('is refused where nobody knows the mask', () => {
    expect(() => masked('first-2')).toThrow(expect.objectContaining({ code: 'DICTIONARY_MASK_UNFIT' }));
  });
});
