import { checkCode, isCodeRule, type CodeRule } from '@truc/identity-codes';
import fc from 'fast-check';
import { parseDictionaryFiles } from './dictionary-files.js';
import { digitsPattern } from './digits-pattern.js';
import { linearPattern } from './linear-pattern.js';
import { isPlainText } from './plain-text.js';
import { shippedFiles } from './shipped-release.test-data.js';
import { encodingTest, formTest, nfcTrimmedTest } from './text-rules.js';

/** Text near the border of what is plain: Vietnamese letters, spaces, combining marks, controls. */
const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'aAzZ09 ĐđÀàÁáÂâÃãÈèÊêÌìÒòÔôƠơƯưẠạẢảẤấẦầỄễỐốỘộỚớỰựỸỹ') },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x2000 }).map((code) => String.fromCharCode(code)) },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\u00a0', '\u0300', '\u0301', '\u0323', '\0', '\ud800', '\ufeff', '\u212b') },
);
const text = fc.array(unit, { maxLength: 12 }).map((units) => units.join(''));

describe('the quick look at a text', () => {
  it('never calls plain what the general tests have something against', () => {
    fc.assert(
      fc.property(text, (value) => {
        if (isPlainText(value)) expect([encodingTest(value), nfcTrimmedTest(value)]).toEqual([null, null]);
      }),
      { numRuns: 5000 },
    );
  });

  it('takes every one and every two characters as the general tests do', () => {
    const plain = Array.from({ length: 0x2000 }, (_, code) => String.fromCharCode(code)).filter((one) => isPlainText(one));
    expect(plain.length).toBeGreaterThan(900);
    expect(plain.filter((one) => encodingTest(one) !== null || nfcTrimmedTest(one) !== null)).toEqual([]);
    // A character that combines with one before it would make two plain ones another text.
    expect(plain.filter((one) => plain.slice(0, 200).some((before) => (before + one).normalize('NFC') !== before + one))).toEqual([]);
  });

  it('calls Vietnamese names plain', () => {
    for (const name of ['Nguyễn Thị Ánh', 'ĐẶNG HỮU QUỲNH', 'Y Bhăm Niê', '']) expect(isPlainText(name)).toBe(true);
    for (const name of [' An', 'An ', 'An  Bình', 'Nguyễn'.normalize('NFD'), 'An\u0000', '李']) expect(isPlainText(name)).toBe(false);
  });
});

describe('the quick look at digits', () => {
  const patterns = ['^[0-9]{12}$', '^[0-9]{9,12}$', '^[0-9]{0,3}$'];

  it.each(patterns)('%s answers as the automaton does', (pattern) => {
    const [quick, general] = [digitsPattern(pattern)!, linearPattern(pattern)];
    const near = fc.stringMatching(/^[0-9]{0,14}[a:/ ]?$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' }), text), (value) => {
        expect(quick(value)).toBe(general(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves every other pattern to the automaton', () => {
    for (const pattern of ['^[0-9]{2}x$', '^[0-9]+$', '^[1-9]{2}$', '^[0-9]{3,1}$']) expect(digitsPattern(pattern)).toBeNull();
  });
});

describe('the form of a code that its rule has looked at', () => {
  const { valueDomains } = parseDictionaryFiles(shippedFiles);
  const ruled = valueDomains.flatMap((domain) =>
    isCodeRule(domain.checkRule) && domain.checkRule !== 'administrative-unit-as-of' ? [[domain.id, domain] as const] : [],
  );

  it.each(ruled)('of %s is that of its domain', (_, domain) => {
    const form = formTest(domain);
    const rule = domain.checkRule as CodeRule;
    const near = fc.oneof(
      fc.stringMatching(/^0[0-9]{9,12}$/),
      fc.stringMatching(/^[0-9]{10}(-[0-9]{3})?$/),
      fc.stringMatching(/^[A-Z0-9.]{1,41}$/),
      text,
    );
    fc.assert(
      fc.property(near, (value) => {
        if (checkCode(rule, value).result !== 'invalid') expect(form?.(value) ?? null).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
