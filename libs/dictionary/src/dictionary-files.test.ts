import { hostileYaml, yamlTexts } from '@truc/testing';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { isMasterKeyOrRefersToOne, schemeOfElement } from './element-name.js';
import { createRelease } from './dictionary-release.js';
import { parseDictionaryFiles, type DictionaryFile } from './dictionary-files.js';

const root = new URL('../../../schemas/dictionary/', import.meta.url);
const shipped: DictionaryFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

describe('the shipped dictionary', () => {
  const parts = parseDictionaryFiles(shipped);
  const release = createRelease({ number: 1, ...parts });

  it('is whole', () => {
    expect(parts.concepts).toHaveLength(93);
    expect(release.elements()).toHaveLength(95);
    expect(release.valueDomains()).toHaveLength(56);
    expect(release.codeLists()).toHaveLength(20);
    expect(release.notLoaded.map((urn) => urn.slice('urn:vn:ddict:codelist:'.length)).sort()).toEqual([
      'commune',
      'commune-pre-2025',
      'district-pre-2025',
      'province-pre-2025',
    ]);
  });

  it('knows provinces by date', () => {
    const provinces = release.codeList('urn:vn:ddict:codelist:province')!;
    expect(provinces.size).toBe(34);
    expect(provinces.isValid('75', '2026-04-29')).toBe(true);
    expect(provinces.isValid('75', '2026-04-30')).toBe(true);
    expect(provinces.isValid('01', '2025-06-30')).toBe(false);
    expect(provinces.isValid('74', '2026-03-01')).toBe(false);
  });

  it('names every element once', () => {
    const element = release.elementOfField('person_full_name')!;
    expect(element.urn).toBe('urn:vn:ddict:element:person.full-name');
    expect(release.element(`${element.urn}@1.0.0`)).toBe(element);
    expect(schemeOfElement(release.element('urn:vn:ddict:element:person.personal-id')!)).toBe('personal-id');
  });

  it.each([
    ['person.personal-id', true],
    ['person.father-personal-id', true],
    ['land.user-enterprise-code', true],
    ['person.full-name', false],
  ])('%s is or refers to a master key: %s', (name, expected) => {
    expect(isMasterKeyOrRefersToOne(release.element(`urn:vn:ddict:element:${name}`)!, release)).toBe(expected);
  });

  it('takes entries that the steward supplies', () => {
    const csv = 'code,full_name,full_name_en,valid_from\n00070,Phường Hoàn Kiếm,Hoan Kiem Ward,2025-07-01\n';
    const withCommunes = createRelease({ number: 2, ...parseDictionaryFiles(shipped, { 'urn:vn:ddict:codelist:commune': csv }) });
    expect(withCommunes.notLoaded).not.toContain('urn:vn:ddict:codelist:commune');
    const communes = withCommunes.codeList('urn:vn:ddict:codelist:commune')!;
    expect([communes.isValid('00070', '2026-03-01'), communes.isValid('00001', '2026-03-01')]).toEqual([true, false]);
    expect(() => parseDictionaryFiles(shipped, { 'urn:vn:ddict:codelist:commune': 'a,b\n1,2\n' })).toThrow(
      /commune\.yaml:\d+:\d+: .*no column code/,
    );
  });

  it('says file, line and column of every problem', () => {
    const [elements] = shipped.filter(({ path }) => path.endsWith('vehicle.yaml'));
    const broken = elements!.text
      .replace('classification: personal', 'classification: secret')
      .replace('status: approved', 'status: maybe');
    expect(() =>
      parseDictionaryFiles([
        { path: 'vehicle.yaml', text: broken },
        { path: 'x.yaml', text: 'a: [1' },
      ]),
    ).toThrow(
      expect.objectContaining({
        problems: expect.arrayContaining([
          expect.objectContaining({ where: 'vehicle.yaml:17:21' }),
          expect.objectContaining({ where: 'vehicle.yaml:21:13' }),
          expect.objectContaining({ where: expect.stringMatching(/^x\.yaml:1:/) as string }),
        ]) as unknown,
      }),
    );
  });
});

describe('a file that is not plain YAML', () => {
  const list = 'codeList:\n  id: urn:vn:ddict:codelist:a\n  status: approved\n  entries:\n';
  const entry = "    - {code: '1', validFrom: 2020-01-01, validTo: null}\n";

  it.each([
    [
      'an anchor and its alias',
      `${list}    - &one {code: '1', validFrom: 2020-01-01, validTo: null}\n    - *one\n`,
      'x.yaml:5:12',
      /anchors/,
    ],
    [
      'a name given twice',
      `${list}    - {code: '1', validFrom: 2020-01-01, code: '2', validTo: null}\n`,
      'x.yaml:5:42',
      /code is given twice/,
    ],
    ['an unknown field', `${list}${entry}  entires: []\n`, 'x.yaml:2:3', /entires/],
    ['__proto__ as a field', `${list}${entry}  __proto__: {open: true}\n`, 'x.yaml:2:3', /__proto__/],
    ['NUL in text', `${list}    - {code: "1\\0", validFrom: 2020-01-01, validTo: null}\n`, 'x.yaml:5:14', /NUL/],
    ['an integer past 2^53', `${list}    - {code: 9007199254740993, validFrom: 2020-01-01, validTo: null}\n`, 'x.yaml:5:14', /rounded/],
    ['a hundred thousand brackets', `${list}    - ${'['.repeat(100_000)}`, 'x.yaml:5:135', /too deep/],
    ['a tag', `${list}    - !!binary aGVsbG8=\n`, 'x.yaml:5:16', /tags/],
    ['a tab for indentation', `codeList:\n\tid: urn:vn:ddict:codelist:a\n`, 'x.yaml:2:1', /not YAML/],
    ['nothing but a comment', '# later\n', 'x.yaml:1:1', /holds none of/],
  ])('%s is told with its place', (_, text, where, what) => {
    const problem = expect.objectContaining({
      where,
      what: expect.stringMatching(what) as string,
      vi: expect.stringMatching(/[ăđơưạảấầậắặẹếềệịọốộờợủụứừựỳớ]/) as string,
    }) as unknown;
    expect(() => parseDictionaryFiles([{ path: 'x.yaml', text }])).toThrow(
      expect.objectContaining({ problems: expect.arrayContaining([problem]) as unknown }),
    );
  });

  it.each(hostileYaml(20_000))('$name is refused', ({ text }) => {
    expect(() => parseDictionaryFiles([{ path: 'x.yaml', text }])).toThrow(expect.objectContaining({ code: 'DICTIONARY_FILES_INVALID' }));
  });

  it('throws nothing else, whatever it is given', () => {
    fc.assert(
      fc.property(yamlTexts, (text) => {
        try {
          parseDictionaryFiles([{ path: 'x.yaml', text }]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'DICTIONARY_FILES_INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has no two entries of one id, wherever they stand', () => {
    const concept = (label: string) =>
      `  - {id: urn:vn:ddict:concept:a.b, objectClass: {code: a, vi: a, en: a}, property: b, label: {vi: ${label}, en: b}, definition: {vi: c, en: d}}\n`;
    const files = [
      { path: 'x.yaml', text: `${list}${entry}` },
      { path: 'y.yaml', text: `${list}${entry}` },
      { path: 'z.yaml', text: `concepts:\n${concept('one')}${concept('two')}` },
    ];
    expect(() => parseDictionaryFiles(files)).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ where: 'y.yaml:2:7', what: 'urn:vn:ddict:codelist:a stands at x.yaml:2:7 already' }),
          expect.objectContaining({ where: 'z.yaml:3:10', vi: 'urn:vn:ddict:concept:a.b đã có ở z.yaml:2:10' }),
        ],
      }),
    );
  });

  it('hides nothing of the others', () => {
    const files = [
      { path: 'x.yaml', text: `${list}${entry}` },
      { path: 'y.yaml', text: 'concepts: *none\n' },
    ];
    expect(() => parseDictionaryFiles(files)).toThrow(/y\.yaml:1:11/);
    expect(parseDictionaryFiles(files.slice(0, 1)).codeLists).toMatchObject([{ entries: [{ code: '1' }] }]);
  });
});

describe('a release', () => {
  const { elements, valueDomains, codeLists } = parseDictionaryFiles(shipped);

  it('refuses all that is wrong at once', () => {
    const [element] = elements;
    const [domain] = valueDomains;
    const list = codeLists.find(({ id }) => id.endsWith(':sex'))!;
    const attempt = () =>
      createRelease(
        {
          number: 0,
          elements: [
            element,
            element,
            { ...element, id: 'urn:vn:ddict:element:a.b-c', valueDomain: 'urn:vn:ddict:domain:nowhere' },
            { ...element, id: 'urn:vn:ddict:element:a-b.c', supersededBy: 'urn:vn:ddict:element:no.where' },
            { ...element, id: 'person' },
          ],
          valueDomains: [
            ...valueDomains,
            { ...domain, id: 'urn:vn:ddict:domain:one', pattern: '^(a+)\\1$' },
            { ...domain, id: 'urn:vn:ddict:domain:three', maxLength: null, pattern: '^[0-9]*$' },
            { ...domain, id: 'urn:vn:ddict:domain:two', logicalType: 'date', checkRule: 'nobody', codeList: 'urn:vn:ddict:codelist:none' },
          ],
          codeLists: [...codeLists, { ...list, id: 'urn:vn:ddict:codelist:twice', entries: [list.entries[0], list.entries[0]] }],
        },
        { before: null },
      );
    expect(attempt).toThrow(expect.objectContaining({ code: 'DICTIONARY_RELEASE_INVALID' }));
    const message = ((): string => {
      try {
        attempt();
      } catch (error) {
        return (error as { problems: { where: string; what: string }[] }).problems.map(({ where, what }) => `${where} ${what}`).join('\n');
      }
      return '';
    })();
    for (const expected of [
      'number a release has a number from 1',
      'used more than once',
      'its field name a_b_c is that of urn:vn:ddict:element:a.b-c as well',
      'urn:vn:ddict:domain:nowhere is not in the release',
      'superseded by urn:vn:ddict:element:no.where',
      'person id: not a urn:vn:ddict:element: name',
      'no back-references',
      'urn:vn:ddict:domain:three a pattern needs a maxLength of at most 1000 beside it',
      'logical type date stands on int',
      'the check rule nobody is unknown',
      'urn:vn:ddict:codelist:none is not in the release',
      'two periods that overlap',
    ]) {
      expect(message).toContain(expected);
    }
  });
});
