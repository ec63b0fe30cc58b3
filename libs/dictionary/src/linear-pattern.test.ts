import fc from 'fast-check';
import { linearPattern } from './linear-pattern.js';

const patterns = [
  '^[0-9]{12}$',
  '^[A-Z][0-9]{2}(\\.[0-9A-Z]{1,3})*$',
  '^\\+?[0-9]{9,15}$',
  '^[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)+$',
  '^[0-9]{2}[A-Z]{1,2}[0-9]?-?[0-9]{3}\\.?[0-9]{2}$',
  '^(a|ab)(c|bcd)(d*)$',
  '^(a*)*b$',
  '^[^a-c]{0,3}.?$',
  '^(?:x|y|)+\\d\\w$',
  '^a{2,}b{0,2}$',
  '^$',
];

describe('a pattern', () => {
  it.each(patterns)('%s answers as the regular expression does', (pattern) => {
    const test = linearPattern(pattern);
    const expected = new RegExp(pattern, 'u');
    const similar = fc.stringMatching(/^[aAbBcCdxy019.@+\- ]{0,16}$/);
    fc.assert(
      fc.property(fc.oneof(similar, fc.string({ unit: 'binary' }), fc.stringMatching(new RegExp(pattern, 'u'))), (text) => {
        expect(test(text)).toBe(expected.test(text));
      }),
      { numRuns: 300 },
    );
  });

  it('takes linear time where backtracking would take for ever', () => {
    expect(linearPattern('^(a*)*b$')('a'.repeat(100_000))).toBe(false);
    expect(linearPattern('^(a|a)*(a|a)*(a|a)*b$')('a'.repeat(100_000))).toBe(false);
  });

  it('answers the same after more states than it keeps, and keeps no more of them', () => {
    // One state for each of the last sixteen characters being an a or not.
    const pattern = '^[ab]*a[ab]{15}$';
    const test = linearPattern(pattern);
    const expected = new RegExp(pattern, 'u');
    const texts = fc.array(fc.constantFrom('a', 'b'), { minLength: 200, maxLength: 1000 }).map((letters) => letters.join(''));
    fc.assert(fc.property(texts, (text) => expect(test(text)).toBe(expected.test(text))));
  });

  it('counts as many ways to leave out as there are', () => {
    const test = linearPattern('^(a?){100}(ab?){200}$');
    expect(test('a'.repeat(300))).toBe(true);
    expect(test('a'.repeat(301))).toBe(false);
    expect(test('a'.repeat(199))).toBe(false);
  });

  it('is a test or refused by name, whatever is written', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        '(',
        ')',
        '[',
        ']',
        '|',
        '*',
        '+',
        '?',
        '{1,1000}',
        '{1000}',
        '{0}',
        '\\d',
        '\\',
        '.',
        '-',
        '^',
        '$',
        '(a|b)*',
        '(a+)+',
        '(.*)*',
        '\u{20000}',
      ],
    );
    const patterns = fc.array(piece, { maxLength: 24 }).map((pieces) => `^${pieces.join('')}$`);
    fc.assert(
      fc.property(patterns, fc.string({ unit: 'binary', maxLength: 30 }), (pattern, text) => {
        try {
          expect(typeof linearPattern(pattern)(text)).toBe('boolean');
        } catch (error) {
          expect(error).toMatchObject({ code: 'DICTIONARY_PATTERN_INVALID' });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '[0-9]',
    '^a',
    '^a|b$',
    '^(a$',
    '^a)$',
    '^a**$',
    '^\\1$',
    '^(?=a)$',
    '^(?<n>a)$',
    '^[]$',
    '^[b-a]$',
    '^a{3,2}$',
    '^\\bx$',
    '^[a$',
    '^a{1001}$',
    '^((a{1000}){1000})$',
    '^((){1000}){1000}$',
    '^((((){1000}){1000}){1000}){1000}$',
    '^(a?){1000}(a?){1000}(a?)$',
    `^${'('.repeat(17)}a${')'.repeat(17)}$`,
    `^${'a'.repeat(500)}$`,
    '^\\$',
  ])('refuses %s', (pattern) => {
    expect(() => linearPattern(pattern)).toThrow(expect.objectContaining({ code: 'DICTIONARY_PATTERN_INVALID' }));
  });
});
