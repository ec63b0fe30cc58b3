import fc from 'fast-check';
import { isAuthority } from './authority.js';
import { rowSchema } from './row-schema.js';
import { reasonText, ruleText } from './rule-text.js';
import { checkSubjectSchema, type SubjectDataset, type SubjectSchemaInput } from './schema-rules.js';
import { field, testRelease } from './shipped-release.test-data.js';
import { subjectKind } from './subject-kind.js';

const release = testRelease();
const fields = [
  field('person.personal-id', { required: true }),
  field('person.full-name', { required: true }),
  field('person.date-of-birth'),
  field('person.ethnic-group', { protection: 'masked' }),
  field('person.birth-registration-commune', { role: 'reference' }),
];
const dataset: SubjectDataset = {
  topic: 'data.g01.population.resident.v1',
  agency: 'G01',
  fields,
  codeElement: 'urn:vn:ddict:element:person.personal-id',
  generation: 1,
};
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;
const row = (): Json => structuredClone(rowSchema({ name: 'Row', fields, release }));

function envelope(record: Json, more: Json[] = []): Json {
  return {
    type: 'record',
    name: 'Envelope',
    namespace: 'vn.test',
    fields: [
      { name: 'before', type: ['null', record], default: null },
      { name: 'after', type: ['null', record.name], default: null },
      {
        name: 'source',
        type: {
          type: 'record',
          name: 'Source',
          fields: [
            { name: 'epoch', type: 'int' },
            { name: 'sequence', type: 'long' },
          ],
        },
      },
      { name: 'op', type: 'string' },
      { name: 'ts_ms', type: ['null', 'long'], default: null },
      ...more,
    ],
  };
}

function check(schema: Json, more: Partial<SubjectSchemaInput> = {}) {
  return checkSubjectSchema({
    subject: 'data.g01.population.resident.v1-value',
    keyOrValue: 'value',
    schema: JSON.stringify(schema),
    release,
    dataset,
    view: null,
    caller: { agency: 'G01', role: 'integrator' },
    previousVersions: [],
    ...more,
  });
}
const rulesOf = (schema: Json, more: Partial<SubjectSchemaInput> = {}) => check(schema, more).violations.map(({ rule }) => rule);

describe('the row schema', () => {
  it('carries element, role and protection, and is accepted bare and in its envelope', () => {
    const schema = row();
    expect(schema.fields[0]).toEqual({
      name: 'person_personal_id',
      type: 'string',
      doc: '12-digit number that uniquely identifies a citizen; the master-data key for persons.',
      dictionaryElement: 'urn:vn:ddict:element:person.personal-id@1.0.0',
      dictionaryRole: 'source',
      protection: 'none',
    });
    expect(schema.fields[2]).toMatchObject({ type: ['null', { type: 'int', logicalType: 'date' }], default: null });
    expect(check(schema)).toMatchObject({ violations: [], warnings: [] });
    expect(check(envelope(schema))).toMatchObject({ violations: [], warnings: [] });
  });
});

describe('schema rules', () => {
  it.each<[string, (schema: Json) => void, string]>([
    ['D1', (schema) => delete schema.fields[1].dictionaryElement, 'dictionaryElement'],
    ['D1', (schema) => (schema.fields[1].dictionaryElement = 'urn:vn:ddict:element:person.nobody'), 'an element of release 1'],
    ['D1', (schema) => (schema.fields[1].dictionaryElement = 'urn:vn:ddict:element:person.full-name@2.0.0'), 'person.full-name@1.0.0'],
    ['D2', (schema) => (schema.fields[1].type = 'bytes'), 'string'],
    ['D2', (schema) => (schema.fields[2].type = ['null', 'int']), 'int (date)'],
    ['D2', (schema) => (schema.fields[1].type = { type: 'array', items: 'string' }), 'string'],
    ['D3', (schema) => (schema.fields[2].name = 'ngay_sinh'), 'person_date_of_birth'],
    ['D3', (schema) => (schema.fields[2].aliases = ['ngay_sinh']), 'a name of an earlier version'],
    ['D4', (schema) => (schema.fields[1].type = ['null', 'string']), 'the plain type without default'],
    ['D4', (schema) => (schema.fields[1].default = ''), 'the plain type without default'],
    ['D4', (schema) => schema.fields.splice(1, 1), 'person_full_name'],
    ['D7', (schema) => (schema.fields[4].dictionaryRole = 'source'), 'reference (the source is G15)'],
    ['D8', (schema) => (schema.fields[3].protection = 'none'), 'masked or encrypted'],
    ['D8', (schema) => delete schema.fields[3].protection, 'masked or encrypted'],
    ['D10', (schema) => (schema.fields[3].type = ['null', { type: 'enum', name: 'E', symbols: ['a'] }]), 'string'],
  ])('%s is found (%#)', (rule, change, expected) => {
    const schema = row();
    change(schema);
    for (const shape of [schema, envelope(schema)]) {
      expect(check(shape).violations).toEqual([
        expect.objectContaining({
          rule,
          expected: expect.stringContaining(expected) as string,
          hint: expect.stringMatching(/.{20}/) as string,
        }),
      ]);
    }
  });

  it('lists everything at once, with paths, in either language', () => {
    const schema = row();
    schema.fields[1].type = 'bytes';
    schema.fields[2].name = 'ngay_sinh';
    schema.fields[4].dictionaryRole = 'source';
    const { violations } = check(envelope(schema));
    expect(violations.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      'D2 $.fields[0].type[1].fields[1].type',
      'D3 $.fields[0].type[1].fields[2]',
      'D7 $.fields[0].type[1].fields[4]',
    ]);
    const vietnamese = check(envelope(schema), { language: 'vi' }).violations;
    expect(vietnamese).toHaveLength(3);
    for (const [index, { hint }] of vietnamese.entries()) expect(hint).not.toBe(violations[index]!.hint);
  });

  it('knows deprecated, proposed and state-secret elements', () => {
    const withField = (name: string, agency: string, subject: string) => {
      const used = [field('person.personal-id', { required: true, role: 'reference' }), field(name)];
      const schema = rowSchema({ name: 'Row', fields: used, release });
      return { schema, more: { subject, dataset: { ...dataset, agency, fields: used }, caller: { agency, role: 'integrator' } } };
    };
    const legacy = withField('person.legacy-identity-number', 'G01', 'data.g01.x.v1-value');
    expect(rulesOf(legacy.schema, legacy.more)).toEqual(['D9']);
    const again = check(legacy.schema, { ...legacy.more, previousVersions: [JSON.stringify(legacy.schema)] });
    expect(again).toMatchObject({ violations: [], warnings: [expect.objectContaining({ rule: 'D9' })] });
    const secret = withField('land.restricted-site-note', 'G10', 'data.g10.x.v1-value');
    expect(rulesOf(secret.schema, secret.more)).toEqual(['D1', 'D8']);
  });

  it('takes an enum for a closed list of names only', () => {
    const used = [field('person.date-of-birth-precision')];
    const schema = (symbols: string[]) => {
      const record: Json = structuredClone(rowSchema({ name: 'Row', fields: used, release }));
      record.fields[0].type = ['null', { type: 'enum', name: 'Precision', symbols }];
      return record;
    };
    const more = { dataset: { ...dataset, fields: used } };
    expect(rulesOf(schema(['day', 'month', 'year']), more)).toEqual([]);
    expect(rulesOf(schema(['day', 'month']), more)).toEqual(['D10']);
    expect(rulesOf(schema(['day', 'month', 'year', 'hour']), more)).toEqual(['D10']);
  });

  it('wants fields of later versions optional, even required ones', () => {
    const first = JSON.stringify(rowSchema({ name: 'Row', fields: fields.slice(0, 2), release }));
    const later = [...fields.slice(0, 2), field('person.nationality', { required: true })];
    const more = { dataset: { ...dataset, fields: later }, previousVersions: [first] };
    expect(rulesOf(rowSchema({ name: 'Row', fields: later, release }), more)).toEqual(['D4']);
    const added = rowSchema({ name: 'Row', fields: later, release, addedLater: new Set(['person_nationality']) });
    expect(rulesOf(added, more)).toEqual([]);
  });

  it('allows the alias of a name that was published', () => {
    const first = row();
    first.fields[2].name = 'ngay_sinh';
    const next = row();
    next.fields[2].aliases = ['ngay_sinh'];
    expect(rulesOf(next, { previousVersions: [JSON.stringify(first)] })).toEqual([]);
  });

  it('lets nothing travel beside the row', () => {
    const stray = { name: 'note', type: ['null', 'string'], default: null };
    expect(check(envelope(row(), [stray])).violations).toEqual([expect.objectContaining({ rule: 'D1', path: '$.fields[5]' })]);
    const inSource = envelope(row());
    inSource.fields[2].type.fields.push({ name: 'comment', type: 'string' });
    expect(check(inSource).violations).toEqual([expect.objectContaining({ rule: 'D1', path: '$.fields[2].type.fields[2]' })]);
    const other = envelope(row());
    other.fields[0].type = ['null', { type: 'record', name: 'Other', fields: [{ name: 'x', type: 'string' }] }];
    other.fields[1].type = ['null', row()];
    expect(rulesOf(other, { dataset: null })).toContain('D1');
    expect(rulesOf({ type: 'string' })).toEqual(['D1']);
  });

  it('wants the master-data key as key', () => {
    const key = (names: string[], name = 'vn.gov.truc.MasterDataKey') => ({
      type: 'record',
      name,
      fields: names.map((each) => ({ name: each, type: 'string', doc: 'x' })),
    });
    const more = { subject: 'data.g01.population.resident.v1-key', keyOrValue: 'key' as const };
    expect(rulesOf(key(['scheme', 'code', 'row']), more)).toEqual([]);
    expect(rulesOf(key(['code', 'scheme', 'row']), more)).toEqual(['D5']);
    expect(rulesOf(key(['scheme', 'code', 'row'], 'Key'), more)).toEqual(['D5']);
    expect(rulesOf('string', more)).toEqual(['D5']);
    expect(rulesOf(row(), { dataset: { ...dataset, codeElement: 'urn:vn:ddict:element:person.full-name' } })).toEqual(['D5']);
    expect(rulesOf(row(), { dataset: { ...dataset, codeElement: 'urn:vn:ddict:element:person.father-personal-id' } })).toEqual([]);
  });

  it.each<[string, SubjectSchemaInput['caller'], boolean]>([
    ['data.g01.x.v1-value', { agency: 'G01', role: 'integrator' }, true],
    ['data.g01.x.v1-value', { agency: 'G02', role: 'integrator' }, false],
    ['data.g01.x.v1-value', { agency: null, role: 'platform' }, true],
    [':.other:data.g01.x.v1-value', { agency: 'G02', role: 'integrator' }, false],
    ['view.abc-value', { agency: 'G01', role: 'integrator' }, false],
    ['view.abc-value', { agency: null, role: 'platform' }, true],
    ['policy.common-value', { agency: 'G01', role: 'integrator' }, false],
    ['quarantine.g01.x-value', { agency: 'G01', role: 'integrator' }, false],
    ['anything-value', { agency: 'G01', role: 'integrator' }, true],
  ])('D6: %s by %j: %s', (subject, caller, allowed) => {
    expect(rulesOf(row(), { subject, caller, dataset: null }).includes('D6')).toBe(!allowed);
  });

  it('leaves subjects of other topics free, within the limits', () => {
    const more = { subject: 'anything-value', dataset: null };
    expect(rulesOf({ type: 'record', name: 'X', fields: [{ name: 'x', type: 'string' }] }, more)).toEqual([]);
    expect(rulesOf({ type: 'array', items: 'null' }, more)).toEqual(['D12']);
    expect(rulesOf({ type: 'record', name: 'X', fields: [{ name: 'họ', type: 'string' }] }, more)).toEqual(['D12']);
    expect(() => check({ type: 'nothing' }, more)).toThrow(expect.objectContaining({ code: 'AVRO_SCHEMA_INVALID' }));
  });

  it('judges a view by its contract', () => {
    const view = { topic: 'view.abc', fields: fields.slice(0, 3), agency: 'G01', masks: { person_date_of_birth: 'year' } };
    const maskedTypes = { person_date_of_birth: 'int' as const };
    const more = { subject: 'view.abc-value', dataset: null, view, caller: { agency: null, role: 'platform' } };
    const schema = rowSchema({ name: 'Row', fields: view.fields, release, maskedTypes });
    expect(rulesOf(schema, more)).toEqual([]);
    expect(rulesOf(rowSchema({ name: 'Row', fields: view.fields, release }), more)).toEqual(['D2']);
    expect(rulesOf(rowSchema({ name: 'Row', fields: fields.slice(0, 4), release, maskedTypes }), more)).toEqual(['D1']);
  });

  it('knows classes of authority', () => {
    const element = release.element('urn:vn:ddict:element:person.full-name')!;
    const ofProvinces = { ...element, authoritativeSource: 'H*' };
    expect(isAuthority(ofProvinces, { agency: 'H29', dataset: null })).toBe(true);
    expect(isAuthority(ofProvinces, { agency: 'g01', dataset: null })).toBe(false);
    expect(isAuthority({ ...element, authoritativeDataset: 'a' }, { agency: 'G01', dataset: 'b' })).toBe(false);
  });

  it('takes a subject’s name apart', () => {
    expect(subjectKind('data.g12-34.business.enterprise.v2-key')).toEqual({
      kind: 'data',
      agencySlug: 'g12-34',
      dataset: 'business.enterprise',
    });
    expect(subjectKind('receipts-value')).toEqual({ kind: 'platform' });
  });

  it('never throws anything but a schema error', () => {
    const schema = fc.letrec<{ node: Json }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('string', 'null', 'int', 'bytes', 'nobody'),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.record({ type: fc.constant('array'), items: tie('node') }),
        fc.record({
          type: fc.constant('record'),
          name: fc.constantFrom('Row', 'Envelope', 'x'),
          fields: fc.array(
            fc.record({
              name: fc.constantFrom('after', 'before', 'op', 'source', 'person_full_name', 'x', '__proto__'),
              type: tie('node'),
              default: fc.constantFrom(undefined, null, ''),
              aliases: fc.constantFrom(undefined, ['x']),
              dictionaryElement: fc.constantFrom(undefined, 5, 'x', 'urn:vn:ddict:element:person.full-name'),
            }),
            { maxLength: 5 },
          ),
        }),
        fc.anything() as fc.Arbitrary<Json>,
      ),
    })).node;
    fc.assert(
      fc.property(schema, (json) => {
        let text: string | undefined;
        try {
          text = JSON.stringify(json);
        } catch {
          return;
        }
        if (text === undefined) return;
        try {
          for (const violation of check(null, { schema: text }).violations) expect(violation.rule).toMatch(/^D/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'AVRO_SCHEMA_INVALID' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('has every rule in both languages', () => {
    expect(ruleText('D7')).not.toBe(ruleText('D7', 'vi'));
    expect(reasonText('missing', 'vi')).toBe('thiếu giá trị');
    expect(reasonText('check-digit', 'vi')).toBe('chữ số kiểm tra sai');
  });
});
