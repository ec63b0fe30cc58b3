import fc from 'fast-check';
import { checkCode } from './check-code.js';
import { codeRules, type CodeRule } from './code-check.js';
import { explainCode } from './code-explanation.js';
import { isDigits } from './digits.js';
import { parseCode } from './parsed-code.js';

describe('the parts of a code', () => {
  it.each<[CodeRule, string, object]>([
    ['personal-id-12', '079204000021', { province: '79', sex: 'M', birthYear: 2004, sequence: '000021' }],
    ['personal-id-12', '035188000045', { province: '35', sex: 'F', birthYear: 1988, sequence: '000045' }],
    ['personal-id-12', '123199000019', { province: null, sex: 'F', birthYear: 1999, sequence: '000019' }],
    ['enterprise-code-mod11', '0100109106', { taxOffice: '01', serial: '0010910', checkDigit: '6' }],
    ['enterprise-branch-suffix', '0100109106-001', { enterpriseCode: '0100109106', branch: '001' }],
    ['agency-code-levels', 'H29.17.30', { groups: ['H29', '17', '30'], parent: 'H29.17' }],
    ['agency-code-levels', 'G01', { groups: ['G01'], parent: null }],
    ['administrative-unit-as-of', '00070', { level: 'commune', code: '00070' }],
    ['social-insurance-10', '0123456789', { number: '0123456789' }],
    ['health-card-10', '0123456789', { number: '0123456789' }],
    ['health-card-15', 'DN4010123456789', { beneficiaryGroup: 'DN', benefitLevel: 4, province: '01', socialInsuranceNumber: '0123456789' }],
    ['real-estate-id-40', '0007000120034501', { identifier: '0007000120034501' }],
  ])('%s %s', (rule, value, parts) => {
    expect(parseCode(rule, value)).toEqual({ rule, ...parts });
  });

  it('are those of codes that their rule accepts, and of no others', () => {
    const near = fc.oneof(fc.stringMatching(/^0[0-9]{11}$/), fc.stringMatching(/^[0-9]{10}(-[0-9]{3})?$/), fc.string());
    fc.assert(
      fc.property(fc.constantFrom(...codeRules), near, (rule, value) => {
        expect(parseCode(rule, value) === null).toBe(checkCode(rule, value).result === 'invalid');
      }),
    );
  });
});

describe('the sentence about a code', () => {
  it.each<[CodeRule, string, string | null, string | null]>([
    ['personal-id-12', '001099000012', null, null],
    [
      'personal-id-12',
      '003099000012',
      'characters 1 to 3 (province): the province part was never a province code',
      'ký tự 1 đến 3 (mã tỉnh): phần mã tỉnh chưa từng là mã của tỉnh, thành phố nào',
    ],
    [
      'enterprise-code-mod11',
      '9912345016',
      'character 10 (check digit): the check digit is wrong',
      'ký tự 10 (chữ số kiểm tra): chữ số kiểm tra sai',
    ],
    [
      'enterprise-branch-suffix',
      '0100109106-000',
      'characters 12 to 14 (suffix): the suffix starts at 001',
      'ký tự 12 đến 14 (phần đuôi): phần đuôi bắt đầu từ 001',
    ],
    [
      'social-insurance-10',
      '123456789',
      'the code does not have 10 digits; a numeric column loses leading zeros',
      'mã không đủ 10 chữ số; cột kiểu số làm mất số 0 ở đầu',
    ],
  ])('%s %s', (rule, value, en, vi) => {
    const check = checkCode(rule, value);
    expect([explainCode(check), explainCode(check, 'vi')]).toEqual([en, vi]);
  });

  it('is there for everything that is not valid, in both languages, and never shows the code', () => {
    const near = fc.oneof(
      fc.stringMatching(/^[0-9]{9,15}$/),
      fc.stringMatching(/^[A-Z]{2}[0-9]{13}$/),
      fc.stringMatching(/^[A-Z0-9.-]{4,40}$/),
    );
    fc.assert(
      fc.property(fc.constantFrom(...codeRules), near, (rule, value) => {
        const check = checkCode(rule, value);
        for (const language of ['vi', 'en'] as const) {
          const sentence = explainCode(check, language);
          expect(sentence === null).toBe(check.result === 'valid');
          expect(sentence ?? '').not.toContain(value);
        }
        if (check.part !== undefined) {
          expect(check.part.from).toBeLessThanOrEqual(check.part.to);
          expect(check.part.to).toBeLessThanOrEqual(value.length);
        }
      }),
    );
  });
});

describe('the quick look at digits', () => {
  it('answers as the regular expression does', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9]{0,14}[a/:]?$/)), (text) => {
        expect(isDigits(text)).toBe(/^[0-9]*$/.test(text));
      }),
    );
  });
});
