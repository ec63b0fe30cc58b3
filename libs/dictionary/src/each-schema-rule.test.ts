import fc from 'fast-check';
import { readAvroSchema } from '@truc/avro';
import { isAuthority } from './authority.js';
import { parseDictionaryFiles } from './dictionary-files.js';
import { createRelease } from './dictionary-release.js';
import type { FieldPolicy } from './field-policy.js';
import { rowSchema } from './row-schema.js';
import { checkSubjectSchema, type SubjectDataset, type SubjectSchemaInput } from './schema-rules.js';
import { schemaRules } from './schema-violation.js';
import { field, shippedFiles } from './shipped-release.test-data.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

/** The shipped dictionary with an element of every status, an authoritative dataset, and lists of every kind. */
function oddRelease() {
  const parts: Json = structuredClone({ ...parseDictionaryFiles(shippedFiles) });
  const element = (name: string): Json => parts.elements.find(({ id }: Json) => id === `urn:vn:ddict:element:${name}`);
  element('person.phone-number').status = 'retired';
  element('person.email').status = 'proposed';
  element('person.other-name').status = 'deprecated';
  element('person.nationality').authoritativeDataset = 'population.nationality';
  element('address.detail').authoritativeSource = 'H*';
  parts.codeLists.find(({ id }: Json) => id === 'urn:vn:ddict:codelist:marital-status').open = true;
  return createRelease({ number: 7, ...parts });
}
const release = oddRelease();
const fields: FieldPolicy[] = [
  field('person.personal-id', { required: true }),
  field('person.full-name', { required: true }),
  field('person.date-of-birth'),
  field('person.date-of-birth-precision'),
  field('person.sex'),
  field('person.ethnic-group', { protection: 'encrypted' }),
  field('person.marital-status'),
  field('address.latitude'),
  field('household.member-count'),
  field('civil-status.date-of-death', { role: 'reference' }),
];
const dataset: SubjectDataset = {
  topic: 'data.g01.population.resident.v1',
  agency: 'G01',
  fields,
  codeElement: 'urn:vn:ddict:element:person.personal-id',
  generation: 1,
};
const rowOf = (of: readonly FieldPolicy[] = fields): Json => structuredClone(rowSchema({ name: 'Row', fields: of, release }));
const check = (schema: Json, more: Partial<SubjectSchemaInput> = {}) =>
  checkSubjectSchema({
    subject: `${dataset.topic}-value`,
    keyOrValue: 'value',
    schema: JSON.stringify(schema),
    release,
    dataset,
    view: null,
    caller: { agency: 'G01', role: 'integrator' },
    previousVersions: [],
    ...more,
  });
const nullable = (type: Json): Json => ['null', type];

describe('each half of each rule', () => {
  const at = { name: 1, date: 2, precision: 3, sex: 4, ethnic: 5, marital: 6, latitude: 7, members: 8, death: 9 };
  it.each<[string, number, string, (field: Json) => void]>([
    ['D1', at.name, 'no element', (f) => delete f.dictionaryElement],
    ['D1', at.name, 'an empty element', (f) => (f.dictionaryElement = '')],
    ['D1', at.name, 'an element that is no text', (f) => (f.dictionaryElement = { urn: 'x' })],
    ['D1', at.name, 'an unknown element', (f) => (f.dictionaryElement = 'urn:vn:ddict:element:person.nobody@1.0.0')],
    ['D1', at.name, 'a key of every object', (f) => (f.dictionaryElement = '__proto__')],
    ['D1', at.name, 'another version', (f) => (f.dictionaryElement += '0')],
    ['D2', at.name, 'another type', (f) => (f.type = 'bytes')],
    ['D2', at.name, 'a logical type that the domain does not have', (f) => (f.type = { type: 'string', logicalType: 'uuid' })],
    ['D2', at.name, 'a logical type that does not fit', (f) => (f.type = { type: 'string', logicalType: 'date' })],
    ['D2', at.date, 'no logical type', (f) => (f.type = nullable('int'))],
    ['D2', at.date, 'another logical type', (f) => (f.type = nullable({ type: 'int', logicalType: 'time-millis' }))],
    ['D2', at.latitude, 'another precision', (f) => (f.type[1].precision = 10)],
    ['D2', at.latitude, 'another scale', (f) => (f.type[1].scale = 5)],
    ['D2', at.latitude, 'a scale beyond the precision', (f) => (f.type[1].scale = 11)],
    [
      'D2',
      at.latitude,
      'a size',
      (f) => (f.type = nullable({ type: 'fixed', name: 'F', size: 8, logicalType: 'decimal', precision: 9, scale: 6 })),
    ],
    ['D2', at.members, 'a wider type', (f) => (f.type = nullable('long'))],
    ['D2', at.members, 'a union of more than null', (f) => (f.type = ['null', 'int', 'string'])],
    ['D2', at.members, 'null alone', (f) => (f.type = 'null')],
    ['D2', at.name, 'an enum without any list', (f) => (f.type = { type: 'enum', name: 'E', symbols: ['A'] })],
    ['D3', at.date, 'another name', (f) => (f.name = 'ngay_sinh')],
    ['D3', at.date, 'an alias that nobody published', (f) => (f.aliases = ['ngay_sinh'])],
    ['D4', at.name, 'a required field that is nullable', (f) => (f.type = ['string', 'null'])],
    ['D4', at.name, 'a required field with a default', (f) => (f.default = '')],
    ['D7', at.death, 'another source as one’s own', (f) => (f.dictionaryRole = 'source')],
    ['D7', at.death, 'another source without a role', (f) => delete f.dictionaryRole],
    ['D8', at.ethnic, 'no protection', (f) => (f.protection = 'none')],
    ['D8', at.ethnic, 'a protection that there is not', (f) => (f.protection = 'some')],
    ['D10', at.sex, 'an enum for a list of digits', (f) => (f.type = nullable({ type: 'enum', name: 'E', symbols: ['_1', '_2'] }))],
    ['D10', at.marital, 'an enum for an open list', (f) => (f.type = nullable({ type: 'enum', name: 'E', symbols: ['A'] }))],
    ['D10', at.precision, 'an enum with a code less', (f) => (f.type = nullable({ type: 'enum', name: 'E', symbols: ['day', 'month'] }))],
    [
      'D10',
      at.precision,
      'an enum with a code more',
      (f) => (f.type = nullable({ type: 'enum', name: 'E', symbols: ['day', 'month', 'year', 'hour'] })),
    ],
  ])('%s of field %d: %s', (rule, index, _what, change) => {
    const schema = rowOf();
    change(schema.fields[index]);
    const english = check(schema).violations;
    expect(english).toMatchObject([{ rule, path: expect.stringMatching(new RegExp(`^\\$\\.fields\\[${index}\\]`)) as string }]);
    const [vietnamese] = check(schema, { language: 'vi' }).violations;
    expect(vietnamese).toMatchObject({ rule, path: english[0]?.path, element: english[0]?.element });
    expect(vietnamese?.hint).not.toBe(english[0]?.hint);
    for (const said of [english[0], vietnamese]) expect(`${said?.expected}${said?.found}`).not.toMatch(/undefined|\{[0-9]\}/);
  });

  it.each([
    ['person.phone-number', ['D1']],
    ['person.email', ['D1']],
    ['person.other-name', ['D9']],
    ['person.nationality', ['D7']],
    ['address.detail', ['D7']],
    ['land.restricted-site-note', ['D1', 'D7', 'D8']],
  ])('%s breaks %j at once', (name, rules) => {
    expect(check(rowOf([...fields, field(name)])).violations.map(({ rule }) => rule)).toEqual(rules);
  });

  it('D3: an alias is a former name of the same element, not of another', () => {
    const first = rowOf();
    first.fields[2].name = 'ngay_sinh';
    const next = rowOf();
    next.fields[2].aliases = ['ngay_sinh'];
    const more = { previousVersions: [JSON.stringify(first)] };
    expect(check(next, more).violations).toEqual([]);
    next.fields[2].aliases = ['person_sex'];
    expect(check(next, more).violations).toMatchObject([
      { rule: 'D3', path: '$.fields[2].aliases[0]', found: expect.stringMatching(/person\.sex/) as string },
    ]);
  });

  it('D4: a required field that the first version lacks, and one that came later', () => {
    expect(check(rowOf(fields.slice(1))).violations).toMatchObject([{ rule: 'D4', expected: 'person_personal_id' }]);
    const previousVersions = [JSON.stringify(rowOf(fields.slice(0, 2)))];
    for (const type of ['int', ['int', 'null'], ['null', 'int']]) {
      const later = rowOf(fields.slice(0, 2));
      later.fields.push({ ...rowOf().fields[8], type, default: undefined });
      expect(check(later, { previousVersions }).violations).toMatchObject([{ rule: 'D4', path: '$.fields[2]' }]);
    }
    expect(check(rowOf(), { previousVersions }).violations).toEqual([]);
  });

  it('D7: an agency’s part, a class, and a dataset', () => {
    const element = release.element('urn:vn:ddict:element:enterprise.name')!;
    const by = (agency: string, of = element, name = 'x.y') => isAuthority(of, { agency, dataset: name });
    expect(['G12', 'g12', 'G12.34', 'g12-34', 'G1', 'G13', 'g123', 'g12x'].filter((agency) => by(agency))).toEqual([
      'G12',
      'g12',
      'G12.34',
      'g12-34',
    ]);
    expect(by('H29', release.element('urn:vn:ddict:element:address.detail')!)).toBe(true);
    const nationality = release.element('urn:vn:ddict:element:person.nationality')!;
    expect([by('G01', nationality), by('G01', nationality, 'population.nationality')]).toEqual([false, true]);
  });

  it('D10 in a view: what a mask makes of a list is no list any more', () => {
    const view = { topic: 'view.a', fields, agency: 'G01', dataset: 'population.resident' };
    const more = { subject: 'view.a-value', caller: null, view };
    const schema = rowOf();
    schema.fields[3].type = nullable({ type: 'enum', name: 'E', symbols: ['day', 'month', 'year'] });
    expect(check(schema, more).violations).toEqual([]);
    const masked = { ...view, masks: { person_date_of_birth_precision: 'hash' } };
    expect(check(schema, { ...more, view: masked }).violations).toMatchObject([{ rule: 'D2', expected: 'string' }]);
  });

  it('D12: every limit that is broken, and what else is wrong', () => {
    const schema = rowOf();
    schema.fields[1].name = 'họ_tên';
    schema.fields[2].type = ['null', 'string'];
    // Whoever breaks a limit hears of everything else, too.
    schema.fields.push({ name: 'x', type: { type: 'array', items: 'null' } });
    expect(check(schema).violations.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      'D12 $.fields[1].name',
      'D12 $.fields[10].type.items',
      'D3 $.fields[1]',
      'D2 $.fields[2].type',
      'D1 $.fields[10]',
      'D4 $',
    ]);
    const large = check(null, { schema: `"${'x'.repeat(70_000)}"` });
    expect(large.violations).toMatchObject([{ rule: 'D12', path: '$', expected: 'at most 65536 bytes', found: '70002 bytes' }]);
  });

  it('is free of all but D6 and D12 beyond data.* and view.*', () => {
    const odd = { type: 'record', name: 'R', fields: [{ name: 'ø', type: { type: 'array', items: 'null' } }] };
    for (const subject of ['anything-value', 'receipts-value']) {
      const rules = check(odd, { subject, dataset: null }).violations.map(({ rule }) => rule);
      expect(new Set(rules)).toEqual(new Set(subject === 'receipts-value' ? ['D6', 'D12'] : ['D12']));
    }
  });
});

describe('what could not be evaluated', () => {
  const open = { subject: null, dataset: null, caller: null } as const;
  const rulesOf = (more: Partial<SubjectSchemaInput>) => check(rowOf(), more).notEvaluated.map(({ rule }) => rule);
  it('is told with what it would need', () => {
    expect(rulesOf(open)).toEqual(['D4', 'D5', 'D6', 'D7', 'D11']);
    expect(rulesOf({ ...open, subject: 'data.g01.x.v1-value' })).toEqual(['D4', 'D5', 'D6', 'D11']);
    expect(rulesOf({})).toEqual(['D11']);
    expect(rulesOf({ ...open, subject: 'view.x-value' })).toEqual(['D2', 'D4', 'D5', 'D6', 'D7', 'D11']);
    expect(rulesOf({ ...open, subject: 'anything-value' })).toEqual([]);
    expect(rulesOf({ subject: `${dataset.topic}-key`, keyOrValue: 'key' })).toEqual(['D11']);
    expect(rulesOf({ ...open, schema: ' '.repeat(70_000) })).toEqual(schemaRules.filter((rule) => rule !== 'D12'));
    expect(rulesOf({ schema: ' '.repeat(70_000) })).toEqual(schemaRules.filter((rule) => rule !== 'D12' && rule !== 'D6'));
    for (const { needs } of check(rowOf(), { ...open, language: 'vi' }).notEvaluated) expect(needs).toMatch(/[^\u0020-\u007e]/);
  });
});

describe('any schema', () => {
  /** One thing that is wrong with a field, and the rule that says so; none of them hides another. */
  const faults: readonly [string, (field: Json) => void][] = [
    ['D2', (f) => (f.type = Array.isArray(f.type) ? ['null', { type: 'array', items: 'int' }] : { type: 'map', values: 'int' })],
    ['D3', (f) => (f.aliases = ['never_published'])],
    ['D1', (f) => (f.dictionaryElement = 'urn:vn:ddict:element:no.such')],
  ];

  it('has exactly the violations that were put into it, whatever the order of its fields', () => {
    const chosen = fc.shuffledSubarray(fields.slice(1), { minLength: 1 });
    const wrong = fc.array(fc.option(fc.nat(faults.length - 1), { nil: null }), { minLength: fields.length, maxLength: fields.length });
    fc.assert(
      fc.property(chosen, wrong, fc.constantFrom('vi' as const, 'en' as const), (some, choice, language) => {
        const all = [fields[0]!, ...some];
        const schema = rowOf(all);
        const expected: string[] = [];
        schema.fields.forEach((each: Json, index: number) => {
          const fault = faults[choice[index] ?? -1];
          if (fault === undefined) return;
          fault[1](each);
          expected.push(`${fault[0]} ${index}`);
        });
        const { violations } = check(schema, { dataset: { ...dataset, fields: all }, language });
        expect(violations.map(({ rule, path }) => `${rule} ${/\d+/.exec(path)?.[0]}`)).toEqual(expected);
        // The same schema, read before, is judged the same.
        const read = check(null, { schema: readAvroSchema(JSON.stringify(schema)), dataset: { ...dataset, fields: all }, language });
        expect(read.violations).toEqual(violations);
      }),
      { numRuns: 300 },
    );
  });
});
