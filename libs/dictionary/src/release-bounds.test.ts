import { createRelease, type DictionaryRelease, type ReleaseMaking } from './dictionary-release.js';
import { DictionaryError } from './dictionary-error.js';
import { codeListDefinition, type CodeListDefinition } from './entry.js';
import { boundProblems, codesPerListMax, codesPerReleaseMax } from './release-bounds.js';
import { testRelease } from './shipped-release.test-data.js';

const entries = Array.from({ length: codesPerListMax + 1 }, (_, index) => ({
  code: String(index),
  validFrom: '1900-01-01',
  validTo: null,
}));
const register = (name: string, count: number) => ({ id: `urn:vn:ddict:codelist:${name}`, open: true, entries: entries.slice(0, count) });

function told(parts: Partial<Parameters<typeof createRelease>[0]>, making: ReleaseMaking | null = { before: null }): readonly string[] {
  try {
    createRelease({ number: 1, elements: [], valueDomains: [], codeLists: [], ...parts }, making);
    return [];
  } catch (error) {
    if (!(error instanceof DictionaryError)) throw error;
    return error.problems.map(({ where, what }) => `${where}: ${what}`);
  }
}

describe('the bounds of a release', () => {
  it('let a register of as many codes as can be held, and refuse one more with what to do', () => {
    expect(told({ codeLists: [register('a', codesPerListMax)] })).toEqual([]);
    const [problem, ...others] = told({ codeLists: [register('a', codesPerListMax + 1)] });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^urn:vn:ddict:codelist:a: it has 200001 entries, and a code list at most 200000; .*codeList: null/);
  });

  it('hold for all lists of a release together, at the largest', () => {
    const lists = [register('a', 100_000), register('b', codesPerListMax), register('c', 100_000)];
    expect(lists.reduce((sum, list) => sum + list.entries.length, 0)).toBe(codesPerReleaseMax);
    expect(told({ codeLists: lists })).toEqual([]);
    expect(told({ codeLists: [...lists, register('d', 1)] })).toEqual([expect.stringMatching(/^\S+:b: all code lists .* 400001 entries/)]);
  });

  it('keep every definition and every code short, so that what travels in one message fits', () => {
    const release = testRelease();
    const [element] = elementsOf(release);
    const long = { ...element!, definition: { vi: 'x'.repeat(5000), en: 'y'.repeat(5000) } };
    expect(told({ elements: [long], valueDomains: release.valueDomains() }).join('\n')).toMatch(/it takes [0-9]+ bytes, and at most 8192/);
    const code = (text: string) => told({ codeLists: [{ ...register('a', 0), entries: [{ ...entries[0]!, code: text }] }] });
    expect(code('x'.repeat(100))).toEqual([]);
    expect(code('x'.repeat(101))).toHaveLength(1);
    expect(code('x\u0007')).toHaveLength(1);
  });

  it('leave what is shipped as it is', () => {
    const release = testRelease();
    expect(told({ elements: elementsOf(release), valueDomains: release.valueDomains(), codeLists: definitionsOf(release) })).toEqual([]);
  });
});

describe('a release that was made before a bound', () => {
  const shipped = testRelease();
  const [domain] = shipped.valueDomains().filter(({ pattern }) => pattern !== null);
  const large = { ...domain!, version: '1.0.0', minLength: null, maxLength: null, pattern: '^(a?){1000}$' };
  const longText = { vi: 'x'.repeat(5000), en: 'y'.repeat(5000) };
  const old = { ...large, codeList: null, definition: longText };
  const content = { elements: [], valueDomains: [old], codeLists: [] };
  const defaults = { label: null, supersededBy: null, parent: null };
  const codes = entries.map((entry) => ({ ...entry, ...defaults }));
  const unfit = { ...codes[0]!, code: 'x'.repeat(101) };
  const list = (name: string, own: CodeListDefinition['entries']): CodeListDefinition => ({
    ...codeListDefinition.parse(register(name, 0)),
    entries: [...own],
  });
  const lists = [list('a', [unfit, ...codes]), list('b', codes.slice(0, codesPerListMax))];

  it('is read as it was made, and everything about it is told of one that is to be made', () => {
    const small = { ...content, codeLists: [list('a', [unfit])] };
    expect(told(small, null)).toEqual([]);
    expect(told(small)).toEqual(
      [/longer than 100/, /8192/, /maxLength/, /pattern is too large/].map((text) => expect.stringMatching(text) as unknown),
    );
    const large = boundProblems({ ...content, codeLists: lists }, null);
    expect(large.map(({ what }) => what)).toEqual(
      expect.arrayContaining([/a code list at most/, /all code lists/].map((text) => expect.stringMatching(text) as unknown)),
    );
  });

  it('has successors, which are told of what they bring themselves', () => {
    expect(told(content, { before: content })).toEqual([]);
    const mended = { ...old, maxLength: 20, pattern: '^a+$', definition: null };
    expect(told({ ...content, valueDomains: [mended] }, { before: content })).toEqual([]);
    const worse = { ...old, pattern: '^(a?){999}$', definition: { ...longText, vi: 'x'.repeat(5002) } };
    expect(told({ ...content, valueDomains: [worse] }, { before: content })).toHaveLength(3);
    const before = { ...content, codeLists: lists };
    expect(boundProblems(before, before)).toEqual([]);
    const grown = list('a', [...lists[0]!.entries, { ...unfit, code: 'y'.repeat(101) }]);
    expect(boundProblems({ ...content, codeLists: [grown, lists[1]!] }, before)).toHaveLength(3);
  });
});

describe('a release made with lists of another', () => {
  it('holds them as they are, in their place, and checks what refers to them', () => {
    const first = testRelease();
    const [list, ...others] = first.codeLists();
    const parts = { elements: elementsOf(first), valueDomains: first.valueDomains() };
    const second = createRelease({ number: 2, ...parts, codeLists: [list!.definition, ...others] });
    expect(second.codeLists().map(({ urn }) => urn)).toEqual(first.codeLists().map(({ urn }) => urn));
    expect(second.codeLists()[1]).toBe(others[0]);
    expect(second.codeLists()[0]).not.toBe(list);
    expect(told({ ...parts, codeLists: others }).join('\n')).toMatch(/its code list \S+ is not in the release/);
    expect(told({ ...parts, codeLists: [...first.codeLists(), list] }).join('\n')).toMatch(/the id is used more than once/);
  });
});

function elementsOf(release: DictionaryRelease): object[] {
  return release.elements().map(({ urn, field: _field, ...rest }) => ({ id: urn, ...rest }));
}

function definitionsOf(release: DictionaryRelease): CodeListDefinition[] {
  return release.codeLists().map(({ definition }) => definition);
}
