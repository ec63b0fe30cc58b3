import { all, catalogue, columns, contract, dictionary, planned, source, stateAfter, title, told, urn } from '../apply.test-data.js';
import { planApply } from '../plan-apply.js';
import { loadedProblems } from './loaded-problems.js';
import type { DocumentFile } from './yaml-text.js';

const loaded = stateAfter(planned(all));
const fullName = urn('person.full-name');

const changed = (file: DocumentFile, from: string | RegExp, to: string): DocumentFile => {
  const text = file.text.replace(from, to);
  if (text === file.text) throw new Error(`${String(from)} is not in ${file.path}`);
  return { ...file, text };
};
const dataset = (more: string): DocumentFile => ({
  path: 'd.yaml',
  text: `dataset: {name: population.resident, agency: G01, title: ${title}${more}}`,
});
const mapping = source(columns);
const terms = contract(fullName);
const other = changed(changed(terms, 'tax-residents', 'other'), 'table: resident', 'table: other');

describe('what was loaded', () => {
  it.each<[string, DocumentFile, string[]]>([
    ['an element more', source(`${columns}      - {column: x, element: ${urn('person.sex')}}\n`), ['MAPPING_LOADED_ADDED 12:30']],
    ['an element less', changed(mapping, /.*address.detail.*\n/, ''), ['MAPPING_LOADED_REMOVED 9:7']],
    ['another column', changed(mapping, 'dia_chi', 'noi_o'), ['MAPPING_LOADED_CHANGED 10:18']],
    ['another transform', changed(mapping, '{op: nfc}', '{op: trim}'), ['MAPPING_LOADED_CHANGED 9:85']],
    ['a mask', changed(mapping, 'address.detail', 'address.detail, protection: masked'), ['MAPPING_LOADED_CHANGED 10:85']],
    ['another rule of what is required', changed(mapping, ', required: true', ''), ['MAPPING_LOADED_CHANGED 9:9']],
    ['another source table', changed(mapping, 'dancu.cong_dan', 'dancu.nguoi'), ['MAPPING_LOADED_CHANGED 3:12']],
    ['another key', changed(mapping, 'primaryKey: [so_dinh_danh]', 'primaryKey: [id]'), ['MAPPING_LOADED_CHANGED 6:17']],
    [
      'another key element',
      changed(mapping, urn('person.personal-id'), urn('household.household-id')),
      ['MAPPING_LOADED_CHANGED 7:53', 'MAPPING_LOADED_ADDED 7:53', 'MAPPING_LOADED_REMOVED 9:7'],
    ],
    [
      'another way to the code',
      changed(mapping, 'via: null, transform: null', 'via: null, transform: {op: trim}'),
      ['MAPPING_LOADED_CHANGED 7:116'],
    ],
    ['another date of reference', changed(mapping, '    columns:', '    referenceDate: x\n    columns:'), ['MAPPING_LOADED_CHANGED 8:20']],
    ['another generation', dataset(', generation: 2'), ['DATASET_LOADED_GENERATION 1:86']],
    ['another number of partitions', dataset(', partitions: 12'), ['DOCUMENT_PARTITIONS_CHANGED 1:86']],
    ['another consumer', changed(terms, 'G12.34', 'G01'), ['CONTRACT_LOADED_CHANGED 3:13']],
    ['another database', changed(terms, 'database: tax', 'database: two'), ['CONTRACT_LOADED_CHANGED 9:22']],
    ['another table', changed(terms, 'table: resident', 'table: person'), ['CONTRACT_LOADED_TABLE 9:34']],
    ['an element more in a contract', contract(`${fullName}, ${urn('address.detail')}`), ['CONTRACT_LOADED_ADDED 5:53']],
    [
      'an element for another in a contract',
      contract(urn('address.detail')),
      ['CONTRACT_LOADED_REMOVED 5:3', 'CONTRACT_LOADED_ADDED 5:14'],
    ],
    ['a contract of the same scope in the same database', other, ['CONTRACT_SCOPE_TWICE 5:3']],
    ['a contract of the same table', changed(terms, 'tax-residents', 'x'), ['CONTRACT_SCOPE_TWICE 5:3', 'CONTRACT_TARGET_TAKEN 9:11']],
    ['a contract that begins when the other has ended', changed(other, '2026-01-01', '2027-01-01'), ['CONTRACT_SCOPE_TWICE 5:3']],
  ])('is not changed by %s', (_, file, expected) => {
    expect(told([file], loaded).toSorted()).toEqual(expected.toSorted());
  });

  it.each<[string, DocumentFile]>([
    ['another title', changed(dataset(''), title, '{vi: b, en: b}')],
    ['another purpose, basis and day', changed(changed(terms, 'Law', 'Decree'), '2026-01-01', "2026-02-01\n  validTo: '2027-01-01'")],
    ['the same elements, named twice as long', contract(`${fullName}`)],
    [
      'remarks, columns that are not published, and another order',
      source(
        `      - {column: moi, element: null, remark: new}\n${columns.split('\n').toReversed().join('\n').trimStart().replace(/^/, '      ')}\n`,
      ),
    ],
    ['the authority that a field refers to', changed(mapping, 'address.detail', 'address.detail, reference: true')],
    [
      'a column for the code that the identification already tells',
      source(`${columns}      - {column: so_dinh_danh, element: ${urn('person.personal-id')}}\n`),
    ],
    [
      'a contract of other elements',
      changed(changed(contract(urn('address.detail')), 'tax-residents', 'other'), 'table: resident', 'table: other'),
    ],
    ['a contract of the same scope in another database', changed(other, 'database: tax', 'database: two')],
    ['a contract of the same scope of another agency', changed(other, 'G12.34', 'G01')],
  ])('takes %s', (_, file) => {
    expect(told([file], loaded)).toEqual(['none']);
  });

  it('stays published, from its table alone, once', () => {
    const unpublished = changed(mapping, 'publish: true', 'publish: false');
    expect(told([unpublished], loaded)).toEqual(['DOCUMENT_DATASET_UNMAPPED 1:1', 'MAPPING_LOADED_WITHDRAWN 5:14']);
    // A pause is in the memory of one process: it is no hold that outlives it.
    expect(loadedProblems.MAPPING_LOADED_WITHDRAWN.hint.en).toMatch(/pause` holds its source only until/);
    const card = `---\ndataset: {name: population.card, agency: G01, title: ${title}}\n`;
    const twice = changed(mapping, /$/, mapping.text.slice(mapping.text.indexOf('  - table')).replace('resident', 'card'));
    const files = [{ path: 'catalogue.yaml', text: catalogue.text + card }, twice];
    expect(told(files, loaded)).toEqual(['MAPPING_TABLE_TWICE 12:12']);
    const moved = changed(mapping, 'subject: resident', 'subject: card');
    expect(told([files[0]!, moved], loaded)).toEqual(['DOCUMENT_DATASET_UNMAPPED 1:1', 'MAPPING_LOADED_WITHDRAWN 2:1']);
  });

  it('keeps the scheme of its codes under a new dictionary', () => {
    const domains = dictionary.filter(({ text }) => text.includes('personal-id'));
    const elements = domains.find(({ text }) => text.includes(`id: ${urn('person.personal-id')}\n`));
    if (elements === undefined) throw new Error('the shipped dictionary has no personal id');
    const moved = changed(elements, /(id: \S+element:person\.personal-id\n[\s\S]*?valueDomain: \S+domain:)personal-id/, '$1household-id');
    const result = planApply([moved], loaded);
    expect(result).toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ code: 'MAPPING_LOADED_SCHEME', file: moved.path })]),
    });
  });

  it('is no obstacle to other documents where two contracts of one scope were applied before that was refused', () => {
    const [first] = loaded.documents.flatMap((document) => (document.kind === 'contract' ? [document] : []));
    if (first === undefined) throw new Error('no contract was applied');
    const terms = { ...first.body.contract, name: 'earlier', target: { database: 'tax', table: 'earlier' } };
    const earlier = { ...first, name: 'earlier', body: { contract: terms } };
    const agency = { path: 'agency.yaml', text: `agency: {code: G02, name: ${title}}\n` };
    expect(told([agency], { ...loaded, documents: [...loaded.documents, earlier] })).toEqual(['none']);
  });

  it('tells everything at once, with the other place and with what to do, in both languages', () => {
    const files = [dataset(', generation: 2'), changed(mapping, '{op: nfc}', '{op: trim}'), terms, other];
    const result = planApply(files, loaded, 'vi');
    const problems = 'problems' in result ? result.problems : [];
    expect(problems.map(({ code }) => code)).toEqual(['CONTRACT_SCOPE_TWICE', 'DATASET_LOADED_GENERATION', 'MAPPING_LOADED_CHANGED']);
    expect(problems[0]?.hint).toContain('contract.yaml:1:1');
    expect(problems[2]).toMatchObject({ message: expect.stringContaining('{"op":"nfc"}'), hint: expect.stringContaining('population-2') });
    for (const { message, hint } of problems) expect(`${message}${hint}`).not.toMatch(/\{[a-z]+\}/i);
  });

  it('is nothing before it is published', () => {
    const only = stateAfter(planned([...dictionary, catalogue]));
    expect(told([dataset(', partitions: 12, generation: 2')], only)).toEqual(['none']);
  });
});
