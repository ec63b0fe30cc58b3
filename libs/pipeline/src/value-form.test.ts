import fc from 'fast-check';
import { valueForm } from './value-form.js';

describe('the form of a value', () => {
  it.each([
    ['1990-13-41', '9999-99-99'],
    ['Nguyễn  Văn A ', 'Xxxxxx  Xxx X '],
    ['Nguye\u0302\u0303n', 'Xxxxx◌◌x'],
    ['a\u00a0b\u0000', 'x<u+00a0>x<u+0000>'],
    ['\ud800', '<u+d800>'],
    ['', ''],
  ])('%j is %j', (value, form) => expect(valueForm(value)).toBe(form));

  it('keeps no letter and no digit of the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (value) => {
        // What stands for others, and what names what cannot be seen.
        const left = valueForm(value)
          .replaceAll(/<u\+[0-9a-f]{4,6}>/g, '')
          .replace(/… \([0-9]+\)$/, '');
        for (const character of left) if (/[\p{L}\p{N}\p{M}]/u.test(character)) expect('xX9◌').toContain(character);
      }),
    );
  });

  it('is the same for values that differ in letters and digits of the same kind only', () => {
    const swapped = (text: string) =>
      [...text].map((one) => (/[0-9]/.test(one) ? '7' : /[a-z]/.test(one) ? 'q' : /[A-Z]/.test(one) ? 'Q' : one)).join('');
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9 .,-]{0,50}$/), (value) => {
        expect(valueForm(swapped(value))).toBe(valueForm(value));
      }),
    );
  });

  it('is bounded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 60, maxLength: 3000 }), (value) => valueForm(value).length < 60 * 10 + 12),
    );
    expect(valueForm('x'.repeat(1_000_000))).toBe(`${'x'.repeat(60)}… (1000000)`);
  });
});
