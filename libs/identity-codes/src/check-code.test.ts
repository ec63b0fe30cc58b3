import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { checkCode } from './check-code.js';
import { codeRules, type AdministrativeUnits, type CodeContext, type CodeRule } from './code-check.js';
import { codeReasonText } from './code-reason-text.js';
import { maskCode } from './mask-code.js';

interface Vector {
  check_rule: CodeRule;
  value: string;
  context: string;
  expected: string;
  reason: string;
  remark: string;
}

const vectors: Vector[] = parse(readFileSync(new URL('../test-vectors/identifier-vectors.csv', import.meta.url)), { columns: true });

/** The units that the vectors speak of, with the days on which they began and ended. */
const units: Record<string, { validFrom: string; validTo: string | null; province?: string }[]> = {
  'province 01': [{ validFrom: '1900-01-01', validTo: null }],
  'province 75': [{ validFrom: '1900-01-01', validTo: null }],
  'province 74': [{ validFrom: '1900-01-01', validTo: '2025-06-30' }],
  'commune 00070': [{ validFrom: '2025-07-01', validTo: null, province: '01' }],
  'commune 00001': [{ validFrom: '1900-01-01', validTo: '2025-06-30', province: '01' }],
  'commune 26732': [{ validFrom: '2025-07-01', validTo: null, province: '79' }],
  'commune 07693': [{ validFrom: '1900-01-01', validTo: '2024-12-31', province: '24' }],
};
const administrativeUnits: AdministrativeUnits = (level, code) => units[`${level} ${code}`] ?? [];

function contextOf(text: string): CodeContext {
  const given = Object.fromEntries(text.split(';').map((pair) => pair.split('=') as [string, string]));
  return { ...given, ...(given['birthYear'] === undefined ? {} : { birthYear: Number(given['birthYear']) }), administrativeUnits };
}

describe('identification codes', () => {
  it('has the whole list of vectors', () => {
    expect(vectors).toHaveLength(68);
  });

  it.each(vectors.map((vector): [string, Vector] => [`${vector.check_rule} ${vector.value} ${vector.context}`, vector]))(
    '%s',
    (_, vector) => {
      const check = checkCode(vector.check_rule, vector.value, contextOf(vector.context));
      expect({ result: check.result, reason: check.reason ?? '' }).toEqual({ result: vector.expected, reason: vector.reason });
    },
  );

  it('never throws and says why in both languages', () => {
    fc.assert(
      fc.property(fc.constantFrom(...codeRules), fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-Z.-]{0,20}$/)), (rule, value) => {
        const { result, reason } = checkCode(rule, value, { administrativeUnits, on: '2026-01-01' });
        if (result === 'valid') return;
        expect(codeReasonText(reason!, 'vi')).not.toBe(codeReasonText(reason!));
      }),
    );
  });

  it('finds every wrong digit and every exchange of neighbours in an enterprise code', () => {
    const code = '0100109106';
    for (let at = 0; at < 10; at++) {
      for (let digit = 0; digit < 10; digit++) {
        const changed = code.slice(0, at) + String(digit) + code.slice(at + 1);
        if (changed !== code) expect(checkCode('enterprise-code-mod11', changed).result).toBe('invalid');
      }
      const exchanged = code.slice(0, at) + code.charAt(at + 1) + code.charAt(at) + code.slice(at + 2);
      if (at < 9 && exchanged !== code) expect(checkCode('enterprise-code-mod11', exchanged).result).toBe('invalid');
    }
  });

  it('names the part that is wrong', () => {
    expect(checkCode('personal-id-12', '003099000012').part).toEqual({ name: 'province', from: 0, to: 3 });
    expect(checkCode('enterprise-code-mod11', '9912345016').part).toEqual({ name: 'check-digit', from: 9, to: 10 });
  });

  it('shows at most three characters of a code', () => {
    expect(maskCode('001099000012')).toBe('•••••••••012');
    expect(maskCode('01')).toBe('••');
    expect(maskCode('')).toBe('');
  });
});
