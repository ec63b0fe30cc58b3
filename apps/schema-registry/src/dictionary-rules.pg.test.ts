import { masterDataKeySchema } from '@truc/change-event';
import { compileView } from '@truc/contracts';
import { rowSchema, type FieldPolicy } from '@truc/dictionary';
import { testPostgres } from '@truc/testing';
import { dataset, field, fields, release, topic, valueSchemaOf, view, wholePolicy } from './given-policy.test-data.js';
import { RunningRegistry, simple, type Json } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);

describe('the rules of the dictionary', () => {
  const envelope = (change: (row: Json) => void): string => {
    const schema = JSON.parse(dataset.valueSchema);
    change(schema.fields[0].type[1]);
    return JSON.stringify(schema);
  };
  const fieldNamed = (row: Json, name: string): Json => row.fields.find((each: Json) => each.name === name);
  const extra = (of: FieldPolicy) => (row: Json) => row.fields.push(rowSchema({ name: 'Row', fields: [of], release }).fields[0]);

  describe('with a release', () => {
    beforeEach(() => registry.start(true));

    it('let the schemas of a dataset and of a view pass, and their key', async () => {
      for (const [subject, schema] of [
        [`${topic}-value`, dataset.valueSchema],
        [`${topic}-key`, masterDataKeySchema],
        [`${view.topic}-value`, view.valueSchema],
        [`${view.topic}-key`, masterDataKeySchema],
      ] as const) {
        expect(await registry.register(subject, schema)).toMatchObject({ status: 200 });
      }
      expect((await registry.call('GET', `/subjects/${view.topic}-key/versions/latest`)).body.id).toBe(
        (await registry.call('GET', `/subjects/${topic}-key/versions/latest`)).body.id,
      );
      const later = field('person.sex');
      const grown = valueSchemaOf([...fields, later], new Set([later.name]));
      expect(await registry.register(`${topic}-value`, grown)).toMatchObject({ status: 200, body: { version: 2 } });
    });

    it('let a view pass by what its masks make of value domains, and no other type', async () => {
      const [code, , birth] = fields.map(({ element }) => element) as [string, string, string];
      const masked = compileView(dataset, { elements: [code, birth], masks: { [birth]: 'year', [code]: 'hash' }, maskKey: 'G12' }, release);
      registry.source.arrive([masked]);
      const subject = `${masked.topic}-value`;
      const inClear = masked.valueSchema.replace('["null","int"]', '["null",{"type":"int","logicalType":"date"}]');
      expect(inClear).not.toBe(masked.valueSchema);
      expect(await registry.register(subject, inClear)).toMatchObject({
        status: 422,
        body: { violations: [{ rule: 'D2', expected: 'int', found: '[null, int (date)]' }] },
      });
      expect(await registry.register(subject, masked.valueSchema)).toMatchObject({ status: 200 });
    });

    it.each<[string, string, string]>([
      ['D1', `${topic}-value`, envelope((row) => delete fieldNamed(row, 'person_full_name').dictionaryElement)],
      [
        'D1',
        `${topic}-value`,
        envelope((row) => (fieldNamed(row, 'person_full_name').dictionaryElement = 'urn:vn:ddict:element:person.nickname@1.0.0')),
      ],
      ['D2', `${topic}-value`, envelope((row) => (fieldNamed(row, 'person_full_name').type = 'int'))],
      ['D3', `${topic}-value`, envelope((row) => (fieldNamed(row, 'person_full_name').name = 'hoTen'))],
      [
        'D4',
        `${topic}-value`,
        envelope((row) => Object.assign(fieldNamed(row, 'person_full_name'), { type: ['null', 'string'], default: null })),
      ],
      ['D5', `${topic}-key`, simple('Key')],
      ['D5', 'data.g01.population.visitor.v1-value', dataset.valueSchema],
      ['D5', 'view.0000-value', view.valueSchema],
      ['D5', topic, dataset.valueSchema],
      ['D7', `${topic}-value`, envelope(extra(field('enterprise.name')))],
      ['D8', `${topic}-value`, envelope(extra(field('land.restricted-site-note')))],
      ['D9', `${topic}-value`, envelope(extra(field('person.legacy-identity-number')))],
      [
        'D10',
        `${topic}-value`,
        envelope((row) =>
          row.fields.push({
            ...rowSchema({ name: 'Row', fields: [field('person.ethnic-group', { protection: 'masked' })], release }).fields[0],
            type: ['null', { type: 'enum', name: 'EthnicGroup', symbols: ['KINH', 'TAY'] }],
          }),
        ),
      ],
      ['D12', `${topic}-value`, `${'{"type":"array","items":'.repeat(40)}"int"${'}'.repeat(40)}`],
      ['D12', 'free-value', `${'{"type":"array","items":'.repeat(40)}"int"${'}'.repeat(40)}`],
    ])('%s refuses %s', async (rule, subject, schema) => {
      const refused = {
        status: 422,
        body: {
          error_code: 42201,
          violations: expect.arrayContaining([
            expect.objectContaining({
              rule,
              path: expect.any(String),
              expected: expect.any(String),
              found: expect.any(String),
              hint: expect.any(String),
            }),
          ]),
        },
      };
      expect(await registry.register(subject, schema)).toMatchObject(refused);
      expect(await registry.call('POST', `/compatibility/subjects/${subject}/versions/latest`, { schema })).toMatchObject(refused);
      await registry.call('PUT', `/mode/${subject}`, { mode: 'IMPORT' });
      expect(await registry.call('POST', `/subjects/${subject}/versions`, { schema, id: 77 })).toMatchObject(refused);
      expect((await registry.call('GET', '/subjects?deleted=true')).body).toEqual([]);
    });

    it('D11 keeps the level and the versions', async () => {
      await registry.register(`${topic}-value`, dataset.valueSchema);
      expect((await registry.call('PUT', '/config', { compatibility: 'NONE' })).status).toBe(200);
      const refused = { status: 422, body: { error_code: 42201, violations: [expect.objectContaining({ rule: 'D11' })] } };
      expect(await registry.call('PUT', `/config/${topic}-value`, { compatibility: 'FULL' })).toMatchObject(refused);
      expect((await registry.call('GET', `/config/${topic}-value`)).body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
      const narrower = valueSchemaOf(fields.slice(0, 1));
      expect(await registry.register(`${topic}-value`, narrower)).toMatchObject({ status: 409, body: { error_code: 409 } });
      expect((await registry.call('DELETE', `/subjects/${topic}-value`)).body).toEqual([1]);
      expect(await registry.call('DELETE', `/subjects/${topic}-value?permanent=true`)).toMatchObject(refused);
      expect(await registry.register(`${topic}-value`, narrower)).toMatchObject({ status: 409 });
    });

    it('lists every violation and tells them in a sentence', async () => {
      const { body } = await registry.register(
        `${topic}-value`,
        envelope((row) => {
          fieldNamed(row, 'person_full_name').type = 'int';
          delete fieldNamed(row, 'person_date_of_birth').dictionaryElement;
        }),
      );
      expect(body.violations.map(({ rule }: Json) => rule)).toEqual(expect.arrayContaining(['D1', 'D2']));
      expect(body.message).toContain(`${topic}-value`);
    });
  });

  it('are told in the language that the caller would rather read', async () => {
    await registry.start(true);
    const schema = envelope((row) => (fieldNamed(row, 'person_full_name').type = 'int'));
    const path = `/subjects/${topic}-value/versions`;
    const { body } = await registry.call('POST', path, { schema }, { 'accept-language': 'vi-VN,vi;q=0.9,en;q=0.8' });
    expect(body.message).toMatch(/vi phạm 1 quy tắc của từ điển\. D2 tại/);
    expect(body.violations).toMatchObject([{ rule: 'D2', hint: expect.stringMatching(/miền giá trị/) }]);
    expect((await registry.call('POST', path, { schema })).body.message).toMatch(/breaks 1 of the dictionary's rules/);
  });

  it('tell broken limits among everything else', async () => {
    await registry.start(true);
    const { status, body } = await registry.register(
      `${topic}-value`,
      envelope((row) => (fieldNamed(row, 'person_full_name').name = 'họ_tên')),
    );
    expect(status).toBe(422);
    expect(body.violations.map(({ rule }: Json) => rule)).toEqual(['D12', 'D3', 'D4']);
  });

  it('keep data.* and view.* closed until a release arrives, and then judge by it', async () => {
    await registry.start(true, []);
    for (const subject of [`${topic}-value`, `${view.topic}-value`]) {
      const answer = await registry.register(subject, dataset.valueSchema);
      expect(answer).toMatchObject({ status: 503, body: { error_code: 50302, message: expect.stringContaining('policy.common') } });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect((await registry.register('free-value', simple('R'))).status).toBe(200);
    registry.source.arrive(wholePolicy);
    expect((await registry.register(`${topic}-value`, dataset.valueSchema)).status).toBe(200);
  });

  it('are those of what is in the log already, though not yet read', async () => {
    await registry.start(
      true,
      wholePolicy.filter(({ kind }) => kind !== 'dataset' && kind !== 'view'),
    );
    registry.source.coming = [dataset];
    expect((await registry.register(`${topic}-value`, dataset.valueSchema)).status).toBe(200);
  });
});
