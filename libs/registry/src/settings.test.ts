import { parseMode, planImport } from './mode.js';
import { global, scopes, topic } from './registration.test-data.js';
import { configInScope, modeInScope, noScopes, ownConfig, ownMode, scopeNames } from './scope.js';
import { configAnswer, configChangeShape, noConfig, planConfig } from './settings.js';

const change = (json: object) => configChangeShape.parse(json);
const code = (errorCode: number) => expect.objectContaining({ errorCode });

describe('settings', () => {
  it('refuse a level below FULL_TRANSITIVE, an alias and a group for protected subjects (D11)', () => {
    for (const compatibility of ['NONE', 'BACKWARD', 'FULL', 'full']) {
      expect(() => planConfig(topic, null, change({ compatibility }))).toThrow(
        expect.objectContaining({ violations: [expect.objectContaining({ rule: 'D11' })] }),
      );
    }
    for (const other of [{ alias: 'elsewhere' }, { compatibilityGroup: 'major' }]) {
      expect(() => planConfig(topic, null, change(other))).toThrow(code(42205));
    }
    expect(() => planConfig('s', null, change({ alias: topic }))).toThrow(code(42205));
    expect(() => planConfig(':.c:s', null, change({ alias: topic }))).toThrow(code(42205));
    expect(planConfig(topic, null, change({ compatibility: 'full_transitive', alias: null }))).toMatchObject({
      compatibilityLevel: 'FULL_TRANSITIVE',
    });
  });

  it('change by what is named: null takes back, what is left out stays', () => {
    const first = planConfig(
      's',
      null,
      change({ compatibility: 'none', normalize: true, defaultMetadata: { properties: { b: '1', a: '2' } } }),
    );
    const second = planConfig('s', first, change({ normalize: null, compatibilityGroup: 'major' }));
    expect(configAnswer(second)).toEqual({
      compatibilityLevel: 'NONE',
      compatibilityGroup: 'major',
      defaultMetadata: { properties: { a: '2', b: '1' } },
    });
    expect(() => planConfig('s', null, change({ compatibility: 'EVERYTHING' }))).toThrow(code(42203));
    const rule = { name: 'r', type: 'CEL' };
    expect(() => planConfig(null, null, change({ defaultRuleSet: { domainRules: [rule, rule] } }))).toThrow(code(42210));
  });

  it('reach a subject from its own name, its context, and everywhere', () => {
    expect(scopeNames('s')).toEqual({ own: 's', context: '', all: '', everywhere: ':.__GLOBAL:' });
    expect(scopeNames(':.c:s')).toEqual({ own: ':.c:s', context: ':.c:', all: '', everywhere: ':.__GLOBAL:' });
    expect(configInScope('s', noScopes).compatibilityLevel).toBe('BACKWARD');
    expect(configInScope('s', global({ compatibilityLevel: 'FULL', alias: 'x' })).compatibilityLevel).toBe('FULL');
    // What the subject's own settings leave open is the default's, but for a few that all have in common.
    const both = { ...global({ compatibilityLevel: 'FULL', normalize: true }), own: scopes({ validateFields: true }).own };
    expect(configInScope('s', both)).toMatchObject({ compatibilityLevel: 'BACKWARD', normalize: true, validateFields: true });
    expect(configInScope(topic, scopes({ ...noConfig, alias: 'x' }))).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE', alias: null });
    expect(ownConfig('s', noScopes)).toBeNull();
    expect(ownConfig(null, noScopes)).toMatchObject({ compatibilityLevel: 'BACKWARD' });
    expect(ownConfig(topic, noScopes)).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE' });
  });
});

describe('modes', () => {
  it('reach a subject in the same way; READONLY_OVERRIDE goes before its own', () => {
    expect(modeInScope(noScopes)).toBe('READWRITE');
    expect(modeInScope({ ...global(null, 'READONLY'), own: scopes(null, 'READWRITE').own })).toBe('READWRITE');
    expect(modeInScope({ ...global(null, 'READONLY_OVERRIDE'), own: scopes(null, 'READWRITE').own })).toBe('READONLY_OVERRIDE');
    expect(modeInScope({ ...noScopes, everywhere: { config: null, mode: 'READONLY' } })).toBe('READONLY');
    expect([ownMode('s', noScopes), ownMode(null, noScopes)]).toEqual([null, 'READWRITE']);
    expect(parseMode('import')).toBe('IMPORT');
    for (const mode of ['FORWARD', '', undefined, 4]) expect(() => parseMode(mode)).toThrow(code(42204));
  });

  it('let IMPORT in while nothing lives; what was deleted softly goes', () => {
    const version = { subject: 's', version: 1, isDeleted: true, isReferenced: false, isReadOnly: false };
    expect(planImport([version], null)).toEqual([version]);
    expect(() => planImport([version, { ...version, isDeleted: false }], null)).toThrow(code(42205));
    expect(() => planImport([{ ...version, isReferenced: true }], null)).toThrow(code(42206));
    // Nothing of what stays read-only goes.
    expect(() => planImport([{ ...version, isReadOnly: true }], null)).toThrow(code(42205));
  });
});
