import type { Row, RowValue } from '@truc/kernel';
import fc from 'fast-check';
import { dayNumber } from './code-list.js';
import { createRelease } from './dictionary-release.js';
import { parseDictionaryFiles } from './dictionary-files.js';
import { DictionaryError } from './dictionary-error.js';
import { compileRowJudge } from './row-judge.js';
import { choiceOf, ruleChoices, type RuleChoices } from './rule-choice.js';
import { field, shippedFiles, testRelease } from './shipped-release.test-data.js';
import { compileValueRules } from './value-rules.js';
import { yearOfDays } from './vietnam-day.js';

const release = testRelease();
const day = (iso: string) => Date.parse(`${iso}T00:00:00Z`) / 86_400_000;
const today = () => day('2026-03-01');
const context = { referenceDate: '2026-03-01' };
const parts = parseDictionaryFiles(shippedFiles);
const told = (found: readonly { rule: string; field: string; reason: string }[]) =>
  found.map(({ rule, field: name, reason }) => `${rule} ${name} ${reason}`);

describe('dates of one row', () => {
  const fields = [field('person.date-of-birth'), field('civil-status.date-of-death'), field('civil-status.marriage-date')];
  const judge = compileValueRules(release, fields, { codeField: null, today });

  it.each<[RowValue, RowValue, string[]]>([
    [day('1950-01-01'), day('2020-05-05'), []],
    [day('1950-01-01'), day('1950-01-01'), []],
    [day('1950-01-02'), day('1950-01-01'), ['V6 civil_status_date_of_death dates-contradict']],
    [null, day('1950-01-01'), []],
    [day('1950-01-02'), null, []],
    ['1950', day('1900-01-01'), ['V2 person_date_of_birth type']],
  ])('born %j, died %j', (person_date_of_birth, civil_status_date_of_death, expected) => {
    expect(told(judge({ person_date_of_birth, civil_status_date_of_death }, context))).toEqual(expected);
  });

  it('tells every date that contradicts another, each once', () => {
    const row = {
      person_date_of_birth: day('2000-01-01'),
      civil_status_date_of_death: day('1999-01-01'),
      civil_status_marriage_date: day('1999-01-01'),
    };
    expect(told(judge(row, context))).toEqual([
      'V6 civil_status_date_of_death dates-contradict',
      'V6 civil_status_marriage_date dates-contradict',
    ]);
  });

  it('compares a date with an instant by the day in Viet Nam', () => {
    const elements = parts.elements.map((element) =>
      element.id === 'urn:vn:ddict:element:civil-status.date-of-death'
        ? { ...element, valueDomain: 'urn:vn:ddict:domain:timestamp' }
        : element,
    );
    const mixed = compileValueRules(createRelease({ number: 1, ...parts, elements }), fields, { codeField: null, today });
    const died = (iso: string) =>
      mixed({ person_date_of_birth: day('2020-01-02'), civil_status_date_of_death: BigInt(Date.parse(iso)) * 1000n }, context);
    expect(died('2020-01-01T17:00:00Z')).toHaveLength(0);
    expect(died('2020-01-01T16:59:59Z')).toHaveLength(1);
  });

  it('are declared between dates of the release and not in a circle', () => {
    const withOrder = (id: string, notBefore: string[]) => () =>
      createRelease({
        number: 1,
        ...parts,
        elements: parts.elements.map((element) => (element.id === id ? { ...element, notBefore } : element)),
      });
    const [birth, death, name] = ['person.date-of-birth', 'civil-status.date-of-death', 'person.full-name'].map(
      (one) => `urn:vn:ddict:element:${one}`,
    );
    expect(withOrder(birth!, [death!])).toThrow(DictionaryError);
    expect(withOrder(name!, [birth!])).toThrow(/notBefore is for dates/);
    expect(withOrder(death!, [name!])).toThrow(/no date of the release/);
    expect(withOrder(death!, [])).not.toThrow();
  });
});

describe('a commune and the province beside it', () => {
  const supplied = {
    'urn:vn:ddict:codelist:commune':
      'code,full_name,full_name_en,valid_from,province_code\n00070,Phường Hoàn Kiếm,Hoan Kiem,2025-07-01,01\n26732,Đặc khu Côn Đảo,Con Dao,2025-07-01,79\n',
    'urn:vn:ddict:codelist:commune-pre-2025':
      'code,full_name,name_en,province_code\n00070,Phường Hàng Đào,Hang Dao,01\n25750,Phường A,A,74\n',
    'urn:vn:ddict:codelist:province-pre-2025':
      'code,full_name,name_en,valid_to\n01,Hà Nội,Ha Noi,2025-06-30\n74,Bình Dương,Binh Duong,2025-06-30\n',
  };
  const placed = createRelease({ number: 1, ...parseDictionaryFiles(shippedFiles, supplied) });
  const fields = [field('address.commune'), field('address.province'), field('person.home-province')];
  const judge = compileValueRules(placed, fields, { codeField: null, today });
  const found = (address_commune: RowValue, address_province: RowValue, referenceDate: string) =>
    told(judge({ address_commune, address_province, person_home_province: '79' }, { referenceDate })).filter((line) =>
      line.includes('commune'),
    );

  it.each<[RowValue, RowValue, string, string[]]>([
    ['00070', '01', '2026-03-01', []],
    ['00070', '79', '2026-03-01', ['V3 address_commune province-mismatch']],
    ['26732', '79', '2026-03-01', []],
    ['25750', '74', '2025-06-30', []],
    ['25750', '01', '2025-06-30', ['V3 address_commune province-mismatch']],
    ['00070', null, '2026-03-01', []],
    [null, '01', '2026-03-01', []],
    ['99999', '01', '2026-03-01', ['V3 address_commune not-in-code-list']],
  ])('%j in %j on %s', (commune, province, date, expected) => {
    expect(found(commune, province, date)).toEqual(expected);
  });

  it('says nothing where the row has a list of either', () => {
    for (const name of ['address.commune', 'address.province']) {
      const listed = fields.map((one) => (one.element.endsWith(`:${name}`) ? { ...one, isList: true } : one));
      const row = {
        address_commune: '00070',
        address_province: '79',
        [name.replace('.', '_')]: [name === 'address.commune' ? '00070' : '79'],
      };
      expect(told(compileValueRules(placed, listed, { codeField: null, today })(row, context))).toEqual([]);
    }
  });

  it('says nothing where the list does not say where they lie', () => {
    const plain = compileValueRules(release, fields, { codeField: null, today });
    expect(plain({ address_commune: '00070', address_province: '79' }, context)).toHaveLength(0);
  });
});

describe('a health card and its holder', () => {
  const fields = [field('health-insurance.card-number'), field('social-insurance.number')];
  const judge = compileValueRules(release, fields, { codeField: 'health_insurance_card_number', today });

  it.each<[RowValue, RowValue, string[]]>([
    ['0123456789', '0123456789', []],
    ['0123456789', '0123456780', ['V1 health_insurance_card_number differs-from-social-insurance-number']],
    ['0123456789', null, []],
  ])('card %j, insured %j', (health_insurance_card_number, social_insurance_number, expected) => {
    expect(told(judge({ health_insurance_card_number, social_insurance_number }, context))).toEqual(expected);
  });
});

describe('a list of health cards', () => {
  it.each(['health-insurance.card-number', 'social-insurance.number'])('is not compared where %s is a list', (name) => {
    const fields = ['health-insurance.card-number', 'social-insurance.number'].map((one) => ({ ...field(one), isList: one === name }));
    const judge = compileValueRules(release, fields, { codeField: null, today });
    const row = Object.fromEntries(fields.map((one) => [one.name, one.isList ? ['0123456789'] : '0123456789']));
    expect(told(judge(row, context))).toEqual([]);
  });
});

describe('a publisher’s scope', () => {
  const fields = [field('person.personal-id'), field('address.province')];
  const judge = compileValueRules(release, fields, { codeField: null, today, scope: { field: 'address_province', codes: ['01', '79'] } });

  it.each<[RowValue, string[]]>([
    ['01', []],
    ['79', []],
    ['04', ['V7 address_province outside-scope']],
    [null, ['V7 address_province scope-unknown']],
    ['99', ['V3 address_province not-in-code-list', 'V7 address_province outside-scope']],
  ])('%j', (address_province, expected) => {
    expect(told(judge({ address_province }, context))).toEqual(expected);
  });

  it('is not told by a list', () => {
    const listed = fields.map((one) => (one.name === 'address_province' ? { ...one, isList: true } : one));
    const ofList = compileValueRules(release, listed, { codeField: null, today, scope: { field: 'address_province', codes: ['01'] } });
    expect(told(ofList({ address_province: ['01'] }, context))).toEqual(['V7 address_province scope-unknown']);
  });
});

describe('the register of a scheme', () => {
  const register = {
    id: 'urn:vn:ddict:codelist:enterprise-register',
    open: true,
    entries: [
      { code: '0100109106', validFrom: '1993-01-01', validTo: null },
      { code: '9912345015', validFrom: '2000-01-01', validTo: '2024-12-31', supersededBy: '9912345022' },
      { code: '9912345047', validFrom: '2000-01-01', validTo: '2024-12-31' },
    ],
  };
  const valueDomains = parts.valueDomains.map((domain) =>
    domain.id === 'urn:vn:ddict:domain:enterprise-code' ? { ...domain, codeList: register.id } : domain,
  );
  const fields = [field('enterprise.enterprise-code', { required: true })];
  const dataset = { fields, codeField: 'enterprise_enterprise_code' };
  const judgeWith = (list: object, rules: RuleChoices = {}) =>
    compileRowJudge(
      createRelease({ number: 1, ...parts, valueDomains, codeLists: [...parts.codeLists, list] }),
      { ...dataset, rules },
      today,
    );
  const judge = judgeWith(register);
  const marks = (code: string, referenceDate = '2026-03-01') => {
    const { outcome, marks: found } = judge({ enterprise_enterprise_code: code }, { referenceDate });
    return [outcome, ...told(found)];
  };

  it('marks codes that it does not know, that were superseded or closed, and keeps none of them back', () => {
    expect(marks('0100109106')).toEqual(['pass']);
    expect(marks('9912345054')).toEqual(['pass', 'V8 enterprise_enterprise_code not-in-register']);
    expect(marks('9912345015')).toEqual(['pass', 'V8 enterprise_enterprise_code superseded-in-register']);
    expect(marks('9912345047')).toEqual(['pass', 'V8 enterprise_enterprise_code closed-in-register']);
    expect(marks('9912345047', '2024-12-31')).toEqual(['pass']);
    // On a day before it began the register does not know it yet.
    expect(marks('9912345047', '1899-12-31')).toEqual(['pass', 'V8 enterprise_enterprise_code not-in-register']);
  });

  it('is asked for codes of the scheme alone', () => {
    const { outcome, violations, marks: found } = judge({ enterprise_enterprise_code: '9912345016' }, context);
    expect([outcome, ...told(violations), ...told(found)]).toEqual(['quarantine', 'V1 enterprise_enterprise_code check-digit']);
  });

  it('says nothing while it is not loaded', () => {
    const { marks: found } = judgeWith({ ...register, entries: [] })({ enterprise_enterprise_code: '9912345054' }, context);
    expect(found).toHaveLength(0);
  });

  it('keeps rows back where the dataset chooses so', () => {
    const judgement = judgeWith(register, { V8: 'quarantine' })({ enterprise_enterprise_code: '9912345054' }, context);
    expect([judgement.outcome, ...told(judgement.violations)]).toEqual(['quarantine', 'V8 enterprise_enterprise_code not-in-register']);
  });
});

describe('a dataset’s choice', () => {
  const fields = [
    field('person.personal-id', { required: true }),
    field('person.full-name', { required: true }),
    field('person.sex'),
    field('person.email'),
  ];
  const row: Row = { person_personal_id: '001099000012', person_full_name: 'An', person_sex: '1', person_email: null };
  const judged = (change: Row, rules: RuleChoices) => {
    const { outcome, violations, marks } = compileRowJudge(
      release,
      { fields, codeField: 'person_personal_id', rules },
      today,
    )({ ...row, ...change }, context);
    return [outcome, told(violations).join(', '), told(marks).join(', ')];
  };

  it('is quarantine where it says nothing', () => {
    expect(judged({ person_sex: '7' }, {})).toEqual(['quarantine', 'V3 person_sex not-in-code-list', '']);
    expect(judged({}, {})).toEqual(['pass', '', '']);
  });

  it('publishes with a mark, stops, or holds, rule by rule', () => {
    expect(judged({ person_sex: '7' }, { V3: 'pass' })).toEqual(['pass', '', 'V3 person_sex not-in-code-list']);
    expect(judged({ person_sex: '7' }, { V3: 'stop' })).toEqual(['stop', 'V3 person_sex not-in-code-list', '']);
    const both = { person_sex: '7', person_email: 'nobody' };
    expect(judged(both, { V3: 'pass' })).toEqual(['quarantine', 'V2 person_email pattern', 'V3 person_sex not-in-code-list']);
    expect(judged(both, { V3: 'pass', V2: 'stop' })).toEqual(['stop', 'V2 person_email pattern', 'V3 person_sex not-in-code-list']);
  });

  it('never publishes what the schema has no room for', () => {
    expect(judged({ person_email: 5 }, { V2: 'pass' })).toEqual(['quarantine', 'V2 person_email type', '']);
    for (const rule of ['V1', 'V4', 'V5']) expect(ruleChoices.safeParse({ [rule]: 'pass' }).success).toBe(false);
    for (const rule of ['V2', 'V3', 'V6', 'V7', 'V8', 'V9']) expect(ruleChoices.safeParse({ [rule]: 'pass' }).success).toBe(true);
  });

  it('keeps every finding, as a reason or as a mark', () => {
    const rules = fc.record(Object.fromEntries(['V2', 'V3', 'V6'].map((rule) => [rule, fc.constantFrom('quarantine', 'stop', 'pass')])), {
      requiredKeys: [],
    });
    const rows = fc.record({
      person_personal_id: fc.constantFrom('001099000012', '1', null),
      person_sex: fc.constantFrom('1', '7', 3),
      person_email: fc.constantFrom('x', null),
    });
    const all = compileValueRules(release, fields, { codeField: 'person_personal_id', today });
    fc.assert(
      fc.property(rows, rules, (change, chosen) => {
        const choices = chosen as RuleChoices;
        const found = all({ ...row, ...change }, context);
        const { outcome, violations, marks } = compileRowJudge(
          release,
          { fields, codeField: 'person_personal_id', rules: choices },
          today,
        )({ ...row, ...change }, context);
        expect([...violations, ...marks.filter(({ reason }) => reason !== 'sex-mismatch')].sort(byText)).toEqual([...found].sort(byText));
        expect(outcome === 'pass').toBe(violations.length === 0);
        expect(outcome === 'stop').toBe(found.some((violation) => choiceOf(violation, choices) === 'stop'));
      }),
    );
  });
});

const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe('the year of a day', () => {
  it('is that of a Date', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (days) => {
        expect(yearOfDays(days)).toBe(new Date(days * 86_400_000).getUTCFullYear());
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a day as a number', () => {
  it('stands before and after others as its text does', () => {
    const iso = fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(iso, iso, (one, other) => {
        expect(Math.sign(dayNumber(one) - dayNumber(other))).toBe(one < other ? -1 : one > other ? 1 : 0);
      }),
    );
  });

  it('is before every day where it is none', () => {
    for (const text of ['', '2026', '2026-0x-01', '20260301xx']) expect(dayNumber(text)).toBe(0);
  });
});
