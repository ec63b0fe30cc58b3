import { canonicalForm, parseAvroSchema, readAvroSchema } from '@truc/avro';
import type { PolicyEntry } from '@truc/coordination';
import { rulesOfPolicy, type SubjectRules } from '@truc/registry';
import { dataset, topic, view, wholePolicy } from './given-policy.test-data.js';
import { speechOf } from './request-shape.js';

const contract: Extract<PolicyEntry, { kind: 'contract' }> = {
  kind: 'contract',
  name: 'tax-residents',
  consumer: 'G12',
  dataset: dataset.name,
  generation: 1,
  viewId: view.id,
  purpose: { vi: 'x', en: 'x' },
  legalBasis: 'x',
  validFrom: '2026-01-01',
  validTo: null,
  target: { database: 'x', table: 'x' },
};
const rulesBy = (...more: PolicyEntry[]): SubjectRules => {
  const release = wholePolicy.filter(({ kind }) => kind === 'dictionary' || kind === 'definitions' || kind === 'codelist');
  const rules = rulesOfPolicy([...release, ...more]);
  if (rules === null) throw new Error('there is a release');
  return rules;
};

describe('what a version is needed by (D11)', () => {
  const needs = (subject: string, ...more: PolicyEntry[]) => rulesBy(...more).neededBy(subject, 'en');

  it('is a dataset, the views of it, and the contracts on those', () => {
    expect(needs(`${topic}-value`, dataset, view, contract)).toEqual([
      'the dataset population.resident',
      `the view ${view.id}`,
      'the contract tax-residents',
    ]);
    expect(needs(`${topic}-key`, dataset)).toEqual(['the dataset population.resident']);
    expect(needs(`${view.topic}-value`, dataset, view, contract)).toEqual([`the view ${view.id}`, 'the contract tax-residents']);
  });

  it('is a view or a contract by itself, where the dataset has left the catalogue', () => {
    expect(needs(`${topic}-value`, view)).toEqual([`the view ${view.id}`]);
    expect(needs(`${topic}-value`, contract)).toEqual(['the contract tax-residents']);
    expect(needs(`${view.topic}-key`, contract)).toEqual(['the contract tax-residents']);
  });

  it('is what the log holds of an earlier generation, whose topic stays', () => {
    const next = { ...dataset, generation: 2, topic: 'data.g01.population.resident.v2' };
    expect(needs(`${topic}-value`, next)).toEqual(['rows of generation 1 of the dataset population.resident that the log still holds']);
    expect(rulesBy(next).neededBy(`${topic}-value`, 'vi')).toEqual([
      'các bản ghi thế hệ 1 của bộ dữ liệu population.resident còn trong luồng',
    ]);
  });

  it('is nothing for topics of which the catalogue knows nothing', () => {
    for (const subject of [
      'data.g02.population.resident.v1-value',
      'data.g01.population.resident.v3-value',
      'view.00-value',
      topic.slice(0, -3),
    ]) {
      expect(needs(subject, dataset, view, contract)).toEqual([]);
    }
  });
});

describe('the judgement of the registry', () => {
  it('tells what is beyond the limits among the rest, in the language asked for', () => {
    const schema = JSON.parse(dataset.valueSchema) as { fields: { type: [string, { fields: { name: string }[] }] }[] };
    schema.fields[0]!.type[1].fields[1]!.name = 'họ_tên';
    const reading = readAvroSchema(JSON.stringify(schema));
    const judged = rulesBy(dataset, view).judge({ subject: `${topic}-value`, reading, previous: [], language: 'vi' });
    expect(judged.violations.map(({ rule }) => rule)).toEqual(['D12', 'D3', 'D4']);
    for (const { hint } of judged.violations) expect(hint).toMatch(/[àáảạăâđêôơư]/);
    const unknown = rulesBy().judge({ subject: `${topic}-value`, reading, previous: [], language: 'en' });
    expect(unknown.violations.map(({ rule }) => rule)).toEqual(['D5', 'D12']);
  });

  it('knows the key that all topics have', () => {
    const key = parseAvroSchema('{"type":"record","name":"K","fields":[]}');
    const judged = rulesBy(dataset).judge({ subject: `${topic}-key`, reading: { schema: key, limits: [] }, previous: [], language: 'en' });
    expect(judged.violations).toMatchObject([{ rule: 'D5', found: 'K' }]);
    expect(canonicalForm(key)).toContain('K');
  });
});

describe('the language of a caller', () => {
  it.each([
    [undefined, 'en'],
    ['vi', 'vi'],
    ['vi-VN,vi;q=0.9,en;q=0.8', 'vi'],
    ['en-GB,en;q=0.9,vi;q=0.5', 'en'],
    ['fr, vi;q=0.1', 'vi'],
    ['*', 'en'],
    [';;;', 'en'],
  ])('%j is %s', (header, language) => expect(speechOf(header)).toBe(language));
});
