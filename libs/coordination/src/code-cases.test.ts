import { catalogue, dictionary, edited, planned, source, stateAfter, told, urn, withDictionary } from './apply.test-data.js';
import { compilePolicy } from './compile-policy.js';
import type { DocumentFile } from './documents/yaml-text.js';
import { planApply } from './plan-apply.js';

const [personal, enterprise, father] = ['land.user-personal-id', 'land.user-enterprise-code', 'person.father-personal-id'].map(urn) as [
  string,
  string,
  string,
];
const own = edited(
  source(
    `      - {column: so_dinh_danh, element: ${personal}, reference: true, transform: {op: when, column: loai, in: [CA_NHAN]}}
      - {column: ma_so_dn, element: ${enterprise}, reference: true, transform: {op: when, column: loai, in: [TO_CHUC]}}
`,
  ),
  'primaryKey: [so_dinh_danh]',
  'primaryKey: [id]',
);
const keyedBy = (element: string, file: DocumentFile): DocumentFile => edited(file, urn('person.personal-id'), element);

describe('the codes among which a discriminator decides', () => {
  it('are each of another scheme, since a key tells nothing but the scheme', () => {
    const table = keyedBy(personal, own);
    expect(told([catalogue, table], withDictionary)).toEqual(['none']);
    const judged = planApply([catalogue, edited(table, enterprise, father)], withDictionary, 'vi');
    const problems = 'problems' in judged ? judged.problems : [];
    expect(problems).toMatchObject([{ code: 'MAPPING_CODE_SCHEME_TWICE', file: 'source.yaml', line: 10 }]);
    expect(problems[0]?.message).toContain(`${personal} và ${father}`);
    expect(problems[0]?.message).not.toMatch(/\{[a-z]+\}/i);
  });

  it('keep their schemes under a release of the dictionary, all of them', () => {
    const loaded = stateAfter(planned([...dictionary, catalogue, keyedBy(personal, own)]));
    const elements = dictionary.find(({ text }) => text.includes(`id: ${enterprise}\n`))!;
    const moved = (domain: string): DocumentFile =>
      edited(elements, /(id: \S+:land\.user-enterprise-code\n[\s\S]*?valueDomain: \S+domain:)enterprise-code/, `$1${domain}`);
    const codes = (file: DocumentFile): string[] => told([file], loaded).map((line) => line.split(' ')[0] ?? '');
    expect(codes(moved('household-id'))).toContain('MAPPING_LOADED_SCHEME');
    expect(codes(moved('person-name'))).toContain('MAPPING_LOADED_CODE');
  });
});

describe('the key of a row', () => {
  const keyIsCodeUnder = (transform: string): unknown => {
    const { path, text } = source(`      - {column: anh, element: null}\n`);
    const table = { path, text: text.replace('transform: null', `transform: ${transform}`) };
    const state = stateAfter(planned([catalogue, table], withDictionary), withDictionary);
    const { common } = compilePolicy(state.documents, planned([], state).release);
    return common.flatMap((entry) => (entry.kind === 'dataset' ? [entry.keyIsCode] : []));
  };

  it('is the code alone where no two source keys make one: the texts 1 and 01 do under lpad', () => {
    expect(keyIsCodeUnder('null')).toEqual([true]);
    expect(keyIsCodeUnder('{op: toString}')).toEqual([true]);
    expect(keyIsCodeUnder("{op: lpad, length: 12, fill: '0'}")).toEqual([false]);
  });
});
