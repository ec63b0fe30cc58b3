import type { Row, RowValue } from '@truc/kernel';
import fc from 'fast-check';
import { createRelease } from './dictionary-release.js';
import { field, testRelease } from './shipped-release.test-data.js';
import { compileValueMarks } from './value-marks.js';
import { compileValueRules } from './value-rules.js';
import { vietnamToday } from './vietnam-day.js';

const release = testRelease();
const day = (iso: string) => Date.parse(`${iso}T00:00:00Z`) / 86_400_000;
const today = () => day('2026-03-01');
const context = { referenceDate: '2026-03-01' };

const fields = [
  field('person.personal-id', { required: true }),
  field('person.full-name', { required: true }),
  field('person.date-of-birth'),
  field('person.sex'),
  field('person.ethnic-group', { protection: 'masked' }),
  field('person.father-personal-id'),
  field('person.email'),
  field('address.province'),
  field('address.commune'),
  field('household.member-count'),
  field('land.area'),
  field('household.household-id'),
].filter(({ element }) => release.element(element) !== null);
const judge = compileValueRules(release, fields, { codeField: 'person_personal_id', today });

const good: Row = {
  person_personal_id: '001099000012',
  person_full_name: 'Nguyễn Thị Ánh',
  person_date_of_birth: day('1999-02-03'),
  person_sex: '1',
  person_ethnic_group: '01',
  person_father_personal_id: null,
  person_email: 'a.b@example.vn',
  address_province: '01',
  address_commune: '00070',
};

describe('value rules', () => {
  it('find nothing in a good row, and make nothing', () => {
    expect(judge(good, context)).toHaveLength(0);
    expect(judge(good, context)).toBe(judge({ ...good, person_email: null }, context));
  });

  it.each<[string, string, RowValue, string]>([
    ['V1', 'person_personal_id', null, 'missing'],
    ['V1', 'person_personal_id', '79085000104', 'not-12-digits'],
    ['V1', 'person_personal_id', '003099000012', 'unknown-province'],
    ['V2', 'person_father_personal_id', '003099000012', 'unknown-province'],
    ['V2', 'person_full_name', `${'Nguyễn '.repeat(15)}An Bình`, 'too-long'],
    ['V2', 'person_full_name', '', 'too-short'],
    ['V2', 'person_full_name', 'An  Bình', 'double-space'],
    ['V2', 'person_full_name', ' An', 'not-trimmed'],
    ['V2', 'person_full_name', 'Nguyễn'.normalize('NFD'), 'not-nfc'],
    ['V2', 'person_full_name', 'An\u0007Bình', 'control-character'],
    ['V2', 'person_full_name', 5, 'type'],
    ['V2', 'person_date_of_birth', '1999-01-01', 'type'],
    ['V2', 'person_email', 'nobody', 'pattern'],
    ['V3', 'person_ethnic_group', '77', 'not-in-code-list'],
    ['V3', 'person_sex', '3', 'not-in-code-list'],
    ['V3', 'address_province', '74', 'not-in-code-list'],
    ['V3', 'address_commune', '00001', 'not-in-force'],
    ['V4', 'person_full_name', null, 'missing'],
    ['V5', 'person_full_name', 'An\0', 'nul'],
    ['V5', 'person_full_name', 'An\ud800', 'lone-surrogate'],
    ['V6', 'person_date_of_birth', day('2026-03-02'), 'in-future'],
  ])('%s: %s = %j is %s', (rule, name, value, reason) => {
    expect(judge({ ...good, [name]: value }, context)).toEqual([
      expect.objectContaining({ rule, field: name, reason, element: expect.stringMatching(/^urn:vn:ddict:element:[a-z.-]+$/) as string }),
    ]);
  });

  it('lists everything at once', () => {
    const found = judge({ ...good, person_personal_id: '1', person_full_name: null, person_sex: '7', address_province: '3' }, context);
    expect(found.map(({ rule, field: name }) => `${rule} ${name}`)).toEqual([
      'V1 person_personal_id',
      'V4 person_full_name',
      'V3 person_sex',
      'V2 address_province',
      'V3 address_province',
    ]);
  });

  it('judges a code by the day it applies to', () => {
    const before = { referenceDate: '2025-06-30' };
    expect(judge({ ...good, address_commune: '00001' }, before)).toHaveLength(0);
    expect(judge({ ...good, address_commune: '26732' }, before)).toEqual([
      expect.objectContaining({ rule: 'V3', reason: 'not-in-code-list' }),
    ]);
    // Provinces before the reform are not loaded here, so nothing is said about them.
    expect(judge({ ...good, address_province: '74', address_commune: '00001' }, before)).toHaveLength(0);
  });

  it('judges codes that are history by the last day of their list', () => {
    const legacy = compileValueRules(release, [field('administrative-unit.legacy-commune-code')], { codeField: null, today });
    expect(legacy({ administrative_unit_legacy_commune_code: '00001' }, context)).toHaveLength(0);
    expect(legacy({ administrative_unit_legacy_commune_code: '99999' }, context)).toEqual([expect.objectContaining({ rule: 'V3' })]);
  });

  it('counts code points, not units', () => {
    expect(judge({ ...good, person_full_name: '𠀋'.repeat(100) }, context)).toHaveLength(0);
    expect(judge({ ...good, person_full_name: '𠀋'.repeat(101) }, context)).toEqual([expect.objectContaining({ reason: 'too-long' })]);
  });

  it('knows decimals by precision and range', () => {
    const area = compileValueRules(release, [field('land.area')], { codeField: null, today });
    expect(area({ land_area: 1n }, context)).toHaveLength(0);
    expect(area({ land_area: 0n }, context)).toEqual([expect.objectContaining({ rule: 'V2', reason: 'below-minimum' })]);
    expect(area({ land_area: 10n ** 14n }, context)).toEqual([expect.objectContaining({ rule: 'V2', reason: 'precision' })]);
    expect(area({ land_area: 1.5 }, context)).toEqual([expect.objectContaining({ rule: 'V2', reason: 'type' })]);
  });

  it('leaves protected fields alone at a consumer’s door', () => {
    const door = compileValueRules(release, fields, { codeField: 'person_personal_id', today, skipProtected: true });
    expect(door({ ...good, person_ethnic_group: '**' }, context)).toHaveLength(0);
  });

  it('takes the day in Viet Nam', () => {
    expect(vietnamToday({ now: () => Date.parse('2026-02-28T17:00:00Z') })).toBe(day('2026-03-01'));
    expect(vietnamToday({ now: () => Date.parse('2026-02-28T16:59:59Z') })).toBe(day('2026-02-28'));
  });

  it('find the same in codes at one look as by one test after the other', () => {
    const names = ['person_personal_id', 'person_sex', 'address_province', 'address_commune'];
    const coded = fields.filter(({ name }) => names.includes(name));
    // A code that no one look can vouch for is in every list, so that each value is asked about test by test.
    const codeLists = release.codeLists().map(({ definition }) => ({
      ...definition,
      entries: definition.entries.flatMap((entry, at) => (at === 0 ? [entry, { ...entry, code: 'Ω' }] : [entry])),
    }));
    const elements = release.elements().map(({ urn, field: _, ...more }) => ({ id: urn, ...more }));
    // Nor is its own form that of the scheme's numbers, so that both are asked.
    const valueDomains = release
      .valueDomains()
      .map((domain) =>
        domain.checkRule === 'personal-id-12' ? { ...domain, pattern: '^[0-9]{0,20}$', minLength: 0, maxLength: 20 } : domain,
      );
    const slow = createRelease({ number: 2, elements, valueDomains, codeLists });
    const [one, other] = [release, slow].map((of) => compileValueRules(of, coded, { codeField: 'person_personal_id', today }));
    const listed = release.codeLists().flatMap((list) => [...list.codes()]);
    const code = fc.oneof(
      fc.constantFrom(
        ...listed.filter((_, index) => index % 7 === 0 || listed.length < 500),
        '1',
        '2',
        '01',
        '79',
        '00070',
        '00001',
        '26732',
      ),
      fc.stringMatching(/^0[0-9]{11}$/),
      fc.string({ maxLength: 13 }),
      fc.constantFrom<RowValue>(null, 7, '001099000012', '00109900001\0', ' 1', '1 ', '０１'),
    );
    const rows = fc.tuple(code, code, code, code, fc.constantFrom('2020-01-01', '2025-06-30', '2025-07-01', '2026-03-01', '2099-12-31'));
    fc.assert(
      fc.property(rows, ([id, sex, province, commune, referenceDate]) => {
        const row = { person_personal_id: id, person_sex: sex, address_province: province, address_commune: commune };
        expect(one!(row, { referenceDate })).toEqual(other!(row, { referenceDate }));
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws and never tells a value', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('\ud800', '', '001099000012'),
      fc.bigInt(),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const rows = fc.record(Object.fromEntries(fields.map(({ name }) => [name, value])));
    fc.assert(
      fc.property(rows, fc.constantFrom('2026-03-01', '2020-01-01', ''), (row, referenceDate) => {
        for (const violation of judge(row as Row, { referenceDate })) {
          expect(Object.keys(violation).sort()).toEqual(['element', 'field', 'reason', 'rule']);
          expect(violation.reason).toMatch(/^[a-z0-9-]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('value marks', () => {
  const marks = compileValueMarks(release, fields);

  it.each<[Partial<Row>, string[]]>([
    [{}, []],
    [{ person_sex: '2' }, ['sex-mismatch']],
    [{ person_sex: '9' }, []],
    [{ person_date_of_birth: day('1998-12-31') }, ['birth-year-mismatch']],
    [{ person_personal_id: '123199000019' }, ['unverifiable-prefix']],
    [{ person_personal_id: null }, []],
  ])('%j', (change, reasons) => {
    expect(marks({ ...good, ...change } as Row).map(({ reason }) => reason)).toEqual(reasons);
    // A mark is never a reason to refuse the row.
    if (change.person_personal_id !== null) expect(judge({ ...good, ...change } as Row, context)).toHaveLength(0);
  });
});
