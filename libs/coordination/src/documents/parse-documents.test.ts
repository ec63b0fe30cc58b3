import { hostileYaml, yamlTexts } from '@truc/testing';
import fc from 'fast-check';
import { parseDocuments, type ParseResult } from './parse-documents.js';
import { fileBytesLimit } from './yaml-text.js';

const agency = `agency: {code: G01, name: {vi: Bộ Công an, en: Ministry of Public Security}}\n`;
const parse = (text: string): ParseResult => parseDocuments([{ path: 'a.yaml', text }]);
/** `code line:column` of every problem. */
function told(result: ParseResult): string[] {
  return 'problems' in result ? result.problems.map(({ code, line, column }) => `${code} ${line}:${column}`) : ['none'];
}

describe('documents', () => {
  it('reads several documents of a file', () => {
    const result = parse(
      `# agencies\n---\n${agency}---\ndataset:\n  name: population.resident\n  agency: G01\n  title: {vi: Cư dân, en: Residents}\n---\n`,
    );
    expect(result).toEqual({
      documents: [
        { kind: 'agency', name: 'G01', agency: 'G01', body: { agency: { code: 'G01', name: expect.anything() } } },
        {
          kind: 'dataset',
          name: 'population.resident',
          agency: 'G01',
          body: {
            dataset: {
              name: 'population.resident',
              agency: 'G01',
              generation: 1,
              title: { vi: 'Cư dân', en: 'Residents' },
              partitions: 6,
            },
          },
        },
      ],
    });
  });

  it.each<[string, string, string[]]>([
    ['text that is no YAML', 'agency: {code: G01\n', ['DOCUMENT_YAML_SYNTAX 2:1']],
    ['a tab for indentation', 'agency:\n\tcode: G01\n', ['DOCUMENT_YAML_SYNTAX 2:1']],
    ['a key given twice', `agency:\n  code: G01\n  code: G02\n  name: {vi: a, en: a}\n`, ['DOCUMENT_YAML_SYNTAX 3:3']],
    ['a list where a document should be', '- a\n- b\n', ['DOCUMENT_KIND_UNKNOWN 1:1']],
    ['a kind nobody knows', '\nagencies: {code: G01}\n', ['DOCUMENT_KIND_UNKNOWN 2:1']],
    ['an unknown field', `agency:\n  code: G01\n  nmae: {vi: a, en: a}\n  name: {vi: a, en: a}\n`, ['DOCUMENT_FIELD_UNKNOWN 3:3']],
    ['a missing field, told where its block is', `agency:\n  code: G01\n`, ['DOCUMENT_FIELD_MISSING 2:3']],
    ['a number where text is wanted', `agency:\n  code: G01\n  name: {vi: 1, en: a}\n`, ['DOCUMENT_TYPE_TEXT 3:14']],
    ['text where a block is wanted', `agency:\n  code: G01\n  name: Bộ\n`, ['DOCUMENT_TYPE 3:9']],
    ['an agency code that is none', `agency: {code: g1, name: {vi: a, en: a}}`, ['DOCUMENT_AGENCY_CODE 1:16']],
    [
      'everything at once',
      `dataset:\n  name: Resident\n  agency: X\n  titel: 1\n  partitions: many\n`,
      [
        'DOCUMENT_FIELD_MISSING 2:3',
        'DOCUMENT_DATASET_NAME 2:9',
        'DOCUMENT_AGENCY_CODE 3:11',
        'DOCUMENT_FIELD_UNKNOWN 4:3',
        'DOCUMENT_TYPE 5:15',
      ],
    ],
    ['an anchor and an alias', `agency: &a {code: G01, name: {vi: a, en: a}}\nmore: *a\n`, ['DOCUMENT_ANCHOR 1:12', 'DOCUMENT_ANCHOR 2:7']],
    ['a tag', `agency: !!map {code: G01, name: {vi: a, en: a}}\n`, ['DOCUMENT_TAG 1:15']],
    ['a merge key', `agency: {code: G01, <<: {name: {vi: a, en: a}}}\n`, ['DOCUMENT_FIELD_MISSING 1:9', 'DOCUMENT_FIELD_UNKNOWN 1:21']],
    ['an integer past 2^53', `agency: {code: 9007199254740993, name: {vi: a, en: a}}\n`, ['DOCUMENT_NUMBER 1:16']],
    ['a number without end', `agency: {code: .inf, name: {vi: a, en: 1e999}}\n`, ['DOCUMENT_NUMBER 1:16', 'DOCUMENT_NUMBER 1:40']],
    ['another YAML', `%YAML 1.1\n---\n${agency}`, ['DOCUMENT_YAML_SYNTAX 1:1']],
    ['a tag nobody knows', `agency: {code: !secret G01, name: {vi: a, en: a}}\n`, ['DOCUMENT_TAG 1:24']],
    ['NUL in text', `agency: {code: G01, name: {vi: "a\\0b", en: a}}\n`, ['DOCUMENT_TEXT 1:32']],
    ['an agency given twice', `${agency}---\n${agency}`, ['DOCUMENT_DUPLICATE 3:1']],
    [
      'a dataset of an unknown agency',
      `${agency}---\ndataset: {name: a.b, agency: G02, title: {vi: a, en: a}}\n`,
      ['DOCUMENT_AGENCY_UNKNOWN 3:30'],
    ],
    ['a dictionary document among others', `${agency}---\ncodeList: {id: x}\n`, ['DOCUMENT_MIXED 3:1']],
    ['more than a megabyte', `# ${'x'.repeat(fileBytesLimit)}\n`, ['DOCUMENT_TOO_LARGE 1:1']],
    ['a megabyte of brackets', '['.repeat(fileBytesLimit), ['DOCUMENT_TOO_DEEP 1:129']],
    ['a megabyte of dashes', '- '.repeat(fileBytesLimit / 2), ['DOCUMENT_TOO_DEEP 1:65']],
    ['40 levels', `agency: ${'{a: '.repeat(40)}1${'}'.repeat(40)}`, ['DOCUMENT_TOO_DEEP 1:133']],
    ['__proto__ as a field', `agency: {code: G01, name: {vi: a, en: a}, __proto__: {x: 1}}`, ['DOCUMENT_FIELD_UNKNOWN 1:43']],
  ])('tells of %s', (_, text, expected) => {
    expect(told(parse(text))).toEqual(expected);
  });

  it('names the nearest known field, in the language asked for', () => {
    const text = `agency:\n  code: G01\n  nmae: 1\n  name: {vi: a, en: a}\n`;
    const english = parse(text);
    expect(english).toMatchObject({ problems: [{ message: 'unknown field "nmae"', hint: '"name"? known here: code, name, scope' }] });
    const vietnamese = parseDocuments([{ path: 'a.yaml', text }], { language: 'vi' });
    expect(vietnamese).toMatchObject({
      problems: [{ message: 'không có trường "nmae"', hint: '"name"? các trường hợp lệ: code, name, scope' }],
    });
  });

  it.each([
    ['a tab', 'agency:\n\tcode: G01\n', /^không phải YAML hợp lệ: dùng phím tab/],
    ['a bracket that is missing', 'agency: {code: G01\n', /^không phải YAML hợp lệ: thụt lề sai/],
    ['a name given twice', 'agency:\n  code: G01\n  code: G02\n', /tên code bị ghi hai lần/],
    [
      'a number that is too small',
      'dataset:\n  name: a.b\n  agency: G01\n  generation: 0\n  title: {vi: a, en: a}\n',
      /không hợp lệ: .*mong đợi/,
    ],
  ])('tells of %s in Vietnamese to those who read it', (_, text, sentence) => {
    const parsed = parseDocuments([{ path: 'a.yaml', text }], { language: 'vi' });
    const [first] = 'problems' in parsed ? parsed.problems : [];
    expect(first?.message).toMatch(sentence);
    expect(`${first?.message}`).not.toMatch(/\b(the|expected|too small|tabs|missing)\b/i);
  });

  it('tells a bounded number of problems', () => {
    const text = Array.from({ length: 3000 }, (_, index) => `---\nagency: {code: G01, name: {vi: a, en: a}, x${index}: 1}\n`).join('');
    const result = parse(text);
    expect('problems' in result && result.problems.length).toBe(1001);
    expect(result).toMatchObject({ problems: expect.arrayContaining([expect.objectContaining({ message: 'and 2000 more problems' })]) });
  });

  it.each(hostileYaml(20_000))('refuses $name, at a place', ({ text }) => {
    const result = parse(text);
    const problems = 'problems' in result ? result.problems : [];
    expect(problems.length).toBeGreaterThan(0);
    for (const { code, line, column } of problems) expect([code.slice(0, 9), line > 0, column > 0]).toEqual(['DOCUMENT_', true, true]);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(yamlTexts, (text) => {
        const result = parse(text);
        expect('problems' in result || 'documents' in result).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
