import { createRelease, type FieldPolicy } from '@truc/dictionary';
import { compileView, viewId, type ViewedDataset } from './compile-view.js';

const domain = (name: string, more: object) => ({
  id: `urn:vn:ddict:domain:${name}`,
  version: '1.0.0',
  label: { vi: name, en: name },
  avroType: 'string',
  logicalType: null,
  minLength: null,
  maxLength: null,
  precision: null,
  scale: null,
  minimum: null,
  maximum: null,
  pattern: null,
  codeList: null,
  unit: null,
  checkRule: null,
  status: 'approved',
  ...more,
});
const urn = (name: string): string => `urn:vn:ddict:element:person.${name}`;
const element = (name: string, valueDomain: string) => ({
  id: urn(name),
  version: '1.0.0',
  label: { vi: name, en: name },
  definition: { vi: name, en: name },
  concept: `urn:vn:ddict:concept:person.${name}`,
  valueDomain: `urn:vn:ddict:domain:${valueDomain}`,
  classification: 'personal',
  legalBasis: null,
  authoritativeSource: 'G01',
  isMasterKey: false,
  status: 'approved',
  supersededBy: null,
  validFrom: '2026-01-01',
  validTo: null,
});
const release = createRelease({
  number: 1,
  elements: [element('code', 'text'), element('name', 'text'), element('birth', 'day'), element('phones', 'text')],
  valueDomains: [domain('text', {}), domain('day', { avroType: 'int', logicalType: 'date' })],
  codeLists: [],
});
const field = (name: string, more: Partial<FieldPolicy> = {}): FieldPolicy => {
  const own = { name: `person_${name}`, element: urn(name), role: 'source', protection: 'none', required: true } as const;
  return { ...own, ...more };
};
const dataset: ViewedDataset = {
  name: 'population.resident',
  generation: 1,
  topic: 'data.g01.population.resident.v1',
  partitions: 2,
  scheme: 'personal-id',
  codeField: 'person_code',
  fields: [field('code'), field('name'), field('birth', { required: false }), field('phones', { isList: true })],
};
const scope = (elements: string[], masks: Record<string, string> = {}, maskKey = 'G12') => ({
  elements: elements.map(urn),
  masks,
  maskKey,
});

describe('view id', () => {
  it('is the same for the same scope in any order', () => {
    expect(viewId(dataset, scope(['b', 'a']))).toBe(viewId(dataset, scope(['a', 'b', 'a'])));
    expect(viewId(dataset, scope(['a']))).not.toBe(viewId(dataset, scope(['a', 'b'])));
    expect(viewId({ ...dataset, generation: 2 }, scope(['a']))).not.toBe(viewId(dataset, scope(['a'])));
    expect(viewId(dataset, scope(['a']))).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is another one under a mask, and under a hash each agency’s own', () => {
    const ids = [{}, { [urn('a')]: 'last-4' }, { [urn('a')]: 'hash' }].map((masks) => [
      viewId(dataset, scope(['a', 'b'], masks)),
      viewId(dataset, scope(['b', 'a'], masks, 'G99')),
    ]);
    expect(ids.map(([one, other]) => one === other)).toEqual([true, true, false]);
    expect(new Set(ids.flat()).size).toBe(4);
    const both = { [urn('a')]: 'last-4', [urn('b')]: 'last-2' };
    expect(viewId(dataset, scope(['a', 'b'], both))).toBe(
      viewId(dataset, scope(['a', 'b'], Object.fromEntries(Object.entries(both).reverse()))),
    );
  });
});

describe('a view', () => {
  const typesOf = (schema: string): Record<string, unknown> => {
    const row = (JSON.parse(schema) as { fields: { type: [string, { fields: { name: string; type: unknown; protection: string }[] }] }[] })
      .fields[0]!.type[1];
    return Object.fromEntries(row.fields.map(({ name, type, protection }) => [name, [type, protection]]));
  };

  it('gives a masked field the type that the mask derives from its value domain, and says that it is masked', () => {
    const masks = { [urn('code')]: 'hash', [urn('name')]: 'last-4', [urn('birth')]: 'year', [urn('phones')]: 'last-3' };
    const view = compileView(dataset, scope(['code', 'name', 'birth', 'phones'], masks), release);
    expect(typesOf(view.valueSchema)).toEqual({
      person_code: ['string', 'masked'],
      person_name: ['string', 'masked'],
      person_birth: [['null', 'int'], 'masked'],
      person_phones: [{ type: 'array', items: 'string' }, 'masked'],
    });
    expect(view).toMatchObject({ maskKey: 'G12', masks: { person_birth: 'year', person_code: 'hash' }, codeInClear: false });
  });

  it('is what it was where nothing is masked', () => {
    const view = compileView(dataset, scope(['code', 'birth']), release);
    expect(typesOf(view.valueSchema)).toEqual({
      person_code: ['string', 'none'],
      person_birth: [['null', { type: 'int', logicalType: 'date' }], 'none'],
    });
    expect(view.codeInClear).toBe(true);
    expect(view).not.toHaveProperty('masks');
    expect(view).not.toHaveProperty('maskKey');
  });

  it('has the codes of a scheme in clear only where the contract names all of its fields in clear', () => {
    const otherCodes = [
      { field: 'person_name', scheme: 'personal-id' },
      { field: 'person_birth', scheme: 'enterprise-code' },
    ];
    const clearOf = (names: string[], masks: Record<string, string> = {}): boolean[] => {
      const view = compileView({ ...dataset, otherCodes }, scope(names, masks), release);
      return [view.codeInClear, ...(view.otherCodes ?? []).map(({ inClear }) => inClear)];
    };
    expect(clearOf(['code', 'birth'])).toEqual([false, false, true]);
    expect(clearOf(['name'])).toEqual([false, false, false]);
    expect(clearOf(['code', 'name'])).toEqual([true, true, false]);
    expect(clearOf(['code', 'name'], { [urn('name')]: 'hash' })).toEqual([false, false, false]);
  });

  it('is refused with a mask that the domain does not allow', () => {
    expect(() => compileView(dataset, scope(['name'], { [urn('name')]: 'year' }), release)).toThrow(
      expect.objectContaining({ code: 'DICTIONARY_MASK_UNFIT' }),
    );
  });
});
