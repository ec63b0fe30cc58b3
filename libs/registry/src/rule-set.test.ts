import { mergeMetadata, metadataAnswer, metadataShape } from './metadata.js';
import { checkRuleSet, mergeRuleSets, ruleSetAnswer, ruleSetShape, withoutRules } from './rule-set.js';

const rules = (json: object) => checkRuleSet(ruleSetShape.parse(json));
const rule = (name: string, more: object = {}) => ({ name, type: 'CEL', ...more });

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

  it('has so many rules at most, and each so many tags', () => {
    const takes = (json: object) => ruleSetShape.safeParse(json).success;
    const many = (length: number) => Array.from({ length }, (_, index) => rule(`r${index}`));
    expect(takes({ domainRules: many(256), encodingRules: many(256) })).toBe(true);
    expect(takes({ domainRules: many(257) })).toBe(false);
    expect(takes({ domainRules: [rule('a', { tags: Array.from({ length: 101 }, String) })] })).toBe(false);
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
});
