import { boundedMetadata, mergeMetadata, metadataAnswer, metadataShape } from './metadata.js';
import { checkRuleSet, mergeRuleSets, ruleSetAnswer, ruleSetShape, withoutRules } from './rule-set.js';

const rules = (json: object) => checkRuleSet(ruleSetShape.parse(json));
const rule = (name: string, more: object = {}) => ({ name, type: 'CEL', ...more });
const numbers = (length: number) => Array.from({ length }, (_, index) => String(index));
const many = (length: number, more: object = {}, prefix = 'r') => numbers(length).map((each) => rule(`${prefix}${each}`, more));
const named = (length: number) => Object.fromEntries(numbers(length).map((each) => [`p${each}`, each]));

describe('a rule set', () => {
  it('is told with what stands for what was left out', () => {
    expect(
      ruleSetAnswer(rules({ domainRules: [rule('check', { tags: ['B', 'A', 'B'], params: { z: '1', a: '2' }, unknown: 1 })] })),
    ).toEqual({
      domainRules: [
        { name: 'check', kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'CEL', tags: ['A', 'B'], params: { a: '2', z: '1' }, disabled: false },
      ],
    });
    expect(ruleSetAnswer(rules({}))).toEqual({});
  });

  it.each([
    { domainRules: [rule('a'), rule('a')] },
    { domainRules: [rule('a')], encodingRules: [rule('a')] },
    { domainRules: [{ type: 'CEL' }] },
    { domainRules: [{ name: 'a' }] },
    { domainRules: [rule('1a')] },
    { domainRules: [rule('a b')] },
    { domainRules: [rule('x'.repeat(257))] },
    { domainRules: [rule('a', { mode: 'UPGRADE' })] },
    { migrationRules: [rule('a', { mode: 'WRITE' })] },
    { domainRules: [rule('a', { mode: 'WRITE', onFailure: 'NONE,ERROR' })] },
  ])('is refused: %j', (json) => {
    expect(() => rules(json)).toThrow(expect.objectContaining({ errorCode: 42210 }));
  });

  it.each([{ domainRules: [rule('a', { doc: 'x\u0000' })] }, { domainRules: [rule('a', { kind: 'SOME' })] }, { domainRules: 'a' }])(
    'is not one: %j',
    (json) => {
      expect(ruleSetShape.safeParse(json).success).toBe(false);
    },
  );

  it.each<[string, object]>([
    ['257 rules of a group', { domainRules: many(257) }],
    ['101 tags of a rule', { encodingRules: [rule('a', { tags: numbers(101) })] }],
    ['257 parameters of a rule', { migrationRules: [rule('a', { mode: 'UPGRADE', params: named(257) })] }],
    ['a long enableAt', { enableAt: 'x'.repeat(257) }],
    ['texts of more than 256 KiB together', { domainRules: many(200, { doc: 'x'.repeat(1_500) }) }],
  ])('has no more than it may have: %s', (_, json) => {
    expect(() => rules(json)).toThrow(expect.objectContaining({ errorCode: 42210 }));
  });

  it('has as much as it may have', () => {
    const most = rule('a', { tags: numbers(100), params: named(256) });
    expect(
      rules({ domainRules: [most, ...many(255)], encodingRules: many(256, {}, 's'), enableAt: 'x'.repeat(256) }).domainRules,
    ).toHaveLength(256);
  });

  it('is merged by the names of its rules', () => {
    const merged = mergeRuleSets(
      rules({ domainRules: [rule('a'), rule('b')] }),
      rules({ domainRules: [rule('a', { doc: 'new' })], enableAt: 'CLIENT' }),
    );
    expect(merged?.domainRules.map(({ name, doc }) => [name, doc])).toEqual([
      ['b', null],
      ['a', 'new'],
    ]);
    expect(merged?.enableAt).toBe('CLIENT');
    expect(withoutRules(merged!, ['a']).domainRules.map(({ name }) => name)).toEqual(['b']);
  });
});

describe('metadata', () => {
  it('are merged name by name, in order', () => {
    const under = metadataShape.parse({ tags: { f: ['PII', 'A'] }, properties: { b: '1', a: '1' }, sensitive: ['b'] });
    const over = metadataShape.parse({ tags: { f: ['X'] }, properties: { a: '2' } });
    const merged = mergeMetadata(under, over)!;
    expect(merged).toEqual({ tags: { f: ['X'] }, properties: { a: '2', b: '1' }, sensitive: ['b'] });
    expect(Object.keys(merged.properties)).toEqual(['a', 'b']);
    expect(metadataAnswer(metadataShape.parse({}))).toEqual({});
    expect(metadataShape.safeParse({ properties: { a: 1 } }).success).toBe(false);
  });

  it.each<[string, object]>([
    ['1,001 properties', { properties: named(1_001) }],
    ['1,001 sensitive names', { sensitive: numbers(1_001) }],
    ['tags of 1,001 paths', { tags: Object.fromEntries(numbers(1_001).map((each) => [each, ['PII']])) }],
    ['101 tags of a path', { tags: { 'R.a': numbers(101) } }],
    ['texts of more than 256 KiB together', { properties: { a: 'ê'.repeat(140_000) } }],
  ])('are no more than they may be: %s', (_, json) => {
    expect(() => boundedMetadata(metadataShape.parse(json))).toThrow(expect.objectContaining({ errorCode: 42201 }));
  });

  it('are as much as they may be', () => {
    const most = { properties: named(1_000), sensitive: numbers(1_000), tags: { 'R.a': numbers(100) } };
    expect(Object.keys(boundedMetadata(metadataShape.parse(most)).properties)).toHaveLength(1_000);
  });
});
