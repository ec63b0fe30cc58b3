import { compilePolicy } from './compile-policy.js';
import {
  all,
  catalogue,
  columns,
  contract,
  dictionary,
  dictionaryFile,
  edited,
  planned,
  source,
  stateAfter,
  stateAfterApproval,
  title,
  told,
  urn,
  withDictionary,
} from './apply.test-data.js';
import { planApply } from './plan-apply.js';
import { diffPolicy } from './policy-difference.js';
import { policyEntry } from './policy.js';
import { topicsOf } from './topics.js';
import { fileBytesLimit, type DocumentFile } from './documents/yaml-text.js';

describe('an apply', () => {
  it('creates, then changes nothing, then changes what differs', () => {
    const first = planned(all);
    expect(first.created).toEqual([
      'dictionary/1',
      'agency/G01',
      'agency/G12.34',
      'dataset/population.resident',
      'source/G01/population',
      'contract/tax-residents',
    ]);
    const state = stateAfter(first);
    const again = planned(all, state);
    expect(again).toMatchObject({ created: [], changed: [], save: [], newRelease: null });
    expect(again.unchanged).toHaveLength(5);
    const other = planned(
      [{ ...contract(urn('person.full-name')), text: contract(urn('person.full-name')).text.replace('Law', 'Decree') }],
      state,
    );
    expect(other).toMatchObject({ created: [], changed: ['contract/tax-residents'] });
  });

  it('proposes a changed dictionary, and goes by the one that holds', () => {
    const state = stateAfter(planned(all));
    expect(planned([dictionaryFile('sex.yaml')], state).proposed).toBeNull();
    const relabelled = edited(dictionaryFile('sex.yaml'), 'Chưa xác định', 'Không xác định');
    expect(told([relabelled], state)).toEqual(['DOCUMENT_DICTIONARY 2:3']);
    const changed = planned([edited(relabelled, "version: '1.0.0'", "version: '1.1.0'")], state);
    expect(changed).toMatchObject({ created: [], changed: [], newRelease: null, proposed: { base: 1 } });
    expect(changed.release?.number).toBe(1);
    expect(changed.proposed?.changes.codeLists.map(({ id }) => id)).toEqual(['urn:vn:ddict:codelist:sex']);
    expect(changed.proposed?.changes.elements).toEqual([]);
    // The rest of the dictionary stays.
    expect(changed.proposed?.next.release.number).toBe(2);
    expect(changed.proposed?.next.release.elements()).toHaveLength(95);
  });

  it('tells of many faults of one dictionary without going through it for each of them', () => {
    const entry = "    - {code: '1', validFrom: '2025-07-01', validTo: null}\n";
    const text = `codeList:\n  id: urn:vn:ddict:codelist:sex\n  version: 1.1.0\n  status: approved\n  entries:\n${entry.repeat(15_000)}`;
    const result = planApply([{ path: 'sex.yaml', text }], withDictionary);
    const problems = 'problems' in result ? result.problems : [];
    expect(problems).toHaveLength(1001);
    expect(problems[0]).toMatchObject({ file: 'sex.yaml', line: 2, column: 3, message: expect.stringContaining('overlap') as string });
    expect(problems.at(-1)?.message).toBe('and 13999 more problems');
  });

  it('says that documents have to wait for the dictionary that comes with them', () => {
    const state = stateAfter(planned([...dictionary, catalogue]));
    const nickname = edited(dictionaryFile('person.yaml'), /(id: \S+:element:person\.)other-name\n/, '$1nick-name\n');
    const mapping = source(`${columns}      - {column: biet_danh, element: ${urn('person.nick-name')}}\n`);
    expect(told([nickname, mapping], state)).toEqual(['DICTIONARY_NOT_APPROVED 12:38', 'MAPPING_ELEMENT_UNKNOWN 12:38']);
    const approved = stateAfterApproval(planned([nickname], state));
    expect(planned([mapping], approved).created).toEqual(['source/G01/population']);
  });

  it('takes the entries of a code list from a file that comes with it', () => {
    const csv = 'code,full_name,full_name_en,valid_from\n00070,Phường Hoàn Kiếm,Hoan Kiem Ward,2025-07-01\n';
    const commune = dictionary.find(({ path }) => path.endsWith('/commune.yaml'));
    const from = /file: (\S+)/.exec(commune?.text ?? '')?.[1] ?? '';
    const path = new URL(from, 'file:///dictionary/code-lists/').pathname.slice(1);
    const state = stateAfter(planned([...dictionary, { path, text: csv }]));
    const list = planned([], state).release?.codeList('urn:vn:ddict:codelist:commune');
    expect(list?.isValid('00070', '2026-01-01')).toBe(true);
    // Without the file the entries stay, and so does the version that an import gave the list.
    expect(planned(dictionary, state).proposed).toBeNull();
    const { content } = state.release!;
    const codeLists = content.codeLists.map((one) => (one.id.endsWith(':commune') ? { ...one, version: '1.7.0' } : one));
    const imported = { ...state, release: { number: 1, content: { ...content, codeLists } } };
    expect(planned(dictionary, imported).proposed).toBeNull();
    // A list that says itself that it has no entries means it.
    const emptied = { path: 'e.yaml', text: commune!.text.replace("'1.1.0'", "'1.8.0'").replace(/  entriesFrom:[^]*$/, '  entries: []\n') };
    expect(planned([emptied], imported).proposed?.changes.codeLists).toMatchObject([{ entries: [] }]);
    // What else the document says of the list is no less a change.
    const renamed = edited(commune!, 'en: Commune-level', 'en: Lowest');
    const changed = (version: string) =>
      planned([edited(renamed, "version: '1.1.0'", `version: '${version}'`)], imported).proposed?.changes.codeLists;
    const next = { label: { en: 'Lowest administrative units' }, entries: [{ code: '00070' }] };
    expect(changed('1.9.0')).toMatchObject([{ ...next, version: '1.9.0' }]);
    expect(changed('1.7.1')).toMatchObject([{ ...next, version: '1.7.1' }]);
    // Its version may be behind that of the import.
    for (const behind of ['1.7.0', '1.2.0']) expect(changed(behind)).toMatchObject([{ ...next, version: '1.8.0' }]);
    const approved = stateAfterApproval(planned([renamed], imported));
    expect(planned([renamed], approved).proposed).toBeNull();
  });

  it('refuses a register that nobody could hold, at its file and line, in words that say what to do', () => {
    const path = 'dictionary/code-lists/big.yaml';
    const list = (more: string): string =>
      `codeList:\n  id: urn:vn:ddict:codelist:big\n  version: 1.0.0\n  status: approved\n  open: true\n${more}`;
    const from = '  entriesFrom:\n    {file: big.csv, codeColumn: code, labelColumns: {vi: vi, en: en}, validFrom: null, validTo: null}\n';
    const rows = Array.from({ length: 200_001 }, (_, index) => `${index},,`).join('\n');
    const files = [
      { path, text: list(from) },
      { path: 'dictionary/code-lists/big.csv', text: `code,vi,en\n${rows}\n` },
    ];
    const result = planApply([...dictionary, ...files], { documents: [], release: null });
    const problems = 'problems' in result ? result.problems : [];
    expect(problems).toMatchObject([{ file: path, line: 7, code: 'DOCUMENT_DICTIONARY' }]);
    expect(problems[0]?.message).toMatch(/big\.csv:1: 200001 rows; a code list has at most 200000, .*codeList: null/);
  });

  it.each(['\0', '\ud800'])('tells where a code list beside its document holds %j, which no database does', (bad) => {
    const from = '  entriesFrom: {file: b.csv, codeColumn: code, labelColumns: {vi: vi, en: en}, validFrom: null, validTo: null}\n';
    const files = [
      { path: 'b.yaml', text: `codeList:\n  id: urn:vn:ddict:codelist:bad\n  status: approved\n${from}` },
      { path: 'b.csv', text: `code,vi,en\n1,a,b\n2,${bad},b\n` },
    ];
    expect(told([...dictionary, ...files])).toContain('DOCUMENT_TEXT 3:1');
  });

  const other = `      - {column: x, element: ${urn('person.ful-name')}}\n`;
  const inTable = (name: string, more = ''): string => `      - {column: x, element: ${urn(name)}${more}}\n`;
  it.each<[string, string, string[]]>([
    ['an unknown element', other, ['MAPPING_ELEMENT_UNKNOWN 12:30']],
    ['an element twice', inTable('person.full-name'), ['MAPPING_ELEMENT_TWICE 12:30']],
    ['a deprecated element (D9)', inTable('person.legacy-identity-number'), ['MAPPING_DEPRECATED 12:30']],
    ['a state secret (D8)', inTable('land.restricted-site-note'), ['MAPPING_STATE_SECRET 12:30']],
    ['another authority (D7)', inTable('land.area'), ['MAPPING_AUTHORITY 12:30']],
    ['another authority, as a reference', inTable('land.area', ', reference: true'), ['none']],
    ['sensitive data without protection (D8)', inTable('person.ethnic-group', ', protection: none'), ['MAPPING_PROTECTION 12:30']],
    ['sensitive data, masked by itself', inTable('person.ethnic-group'), ['none']],
    ['sensitive data with protection', inTable('person.ethnic-group', ', protection: masked'), ['none']],
    ['an unknown transform', inTable('person.sex', ', transform: {op: shout}'), ['MAPPING_TRANSFORM 12:74']],
    ['an unknown protection', inTable('person.sex', ', protection: some'), ['DOCUMENT_VALUE 12:75']],
    [
      'two tables for one dataset',
      `  - {table: a.b, subject: resident, publish: true, primaryKey: [], identification: {column: a, element: ${urn('person.full-name')}, via: x.y(z).a}, columns: [{column: b, element: null}]}\n`,
      ['DOCUMENT_DATASET_TWICE 12:27', 'MAPPING_NO_PRIMARY_KEY 12:64', 'MAPPING_CODE_ELEMENT 12:105'],
    ],
    [
      'a table that is not published',
      `  - {table: a.b, subject: x, publish: false, primaryKey: [], identification: {column: a, element: nothing}, columns: [{column: b, element: nothing}]}\n`,
      ['none'],
    ],
  ])('tells of %s', (_, more, expected) => {
    expect(told([catalogue, source(columns, more)], withDictionary)).toEqual(expected);
  });

  it('tells of a mapping without a dictionary', () => {
    expect(told([catalogue, source(columns)])).toEqual(['DOCUMENT_NO_DICTIONARY 1:9']);
  });

  it.each<[string, DocumentFile[], string[]]>([
    [
      'a contract of an element that the dataset lacks',
      [catalogue, source(columns), contract(`${urn('person.full-name')}, ${urn('person.sex')}, ${urn('person.full-name')}`)],
      ['CONTRACT_ELEMENT_UNKNOWN 5:53', 'CONTRACT_ELEMENT_TWICE 5:86'],
    ],
    ['a contract of a dataset without a table', [catalogue, contract(urn('person.sex'))], ['DOCUMENT_DATASET_UNMAPPED 4:12']],
    ['a contract of nothing', [contract(urn('person.sex'))], ['DOCUMENT_AGENCY_UNKNOWN 3:13', 'DOCUMENT_DATASET_UNKNOWN 4:12']],
    [
      'a table without its dataset',
      [{ path: 'a.yaml', text: `agency: {code: G01, name: ${title}}` }, source(columns)],
      ['DOCUMENT_DATASET_UNKNOWN 4:14'],
    ],
    [
      'a dictionary that contradicts itself',
      [{ path: 'e.yaml', text: 'elements: [{id: x}]\n' }, contract(urn('x'))],
      expect.arrayContaining(['DOCUMENT_DICTIONARY 1:12', 'DOCUMENT_AGENCY_UNKNOWN 3:13']) as never,
    ],
  ])('tells of %s', (_, files, expected) => {
    expect(told(files, withDictionary)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['documents', catalogue.text],
    ['a dictionary', dictionary.find(({ path }) => path.endsWith('/sex.yaml'))?.text ?? ''],
    ['no kind at all', ''],
  ])('never drops a file of %s that is too large to be read', (_, text) => {
    const large = { path: 'large.yaml', text: text + '#'.repeat(fileBytesLimit + 1) };
    const result = planApply([large], withDictionary);
    expect(result).toMatchObject({ problems: [{ file: 'large.yaml', line: 1, column: 1, code: 'DOCUMENT_TOO_LARGE' }] });
    expect('problems' in result && result.problems).toHaveLength(1);
  });

  it('tells when a change breaks what was applied earlier, and keeps an element that was deprecated since', () => {
    const state = stateAfter(planned(all));
    const without = planApply([source(`      - {column: dia_chi, element: ${urn('address.detail')}}\n`)], state);
    expect(without).toMatchObject({
      problems: [
        { file: '(applied contract tax-residents)', code: 'CONTRACT_ELEMENT_UNKNOWN' },
        { file: 'source.yaml', code: 'MAPPING_LOADED_REMOVED' },
      ],
    });
    const deprecated = edited(dictionaryFile('person.yaml'), /(id: \S+person\.full-name\n[\s\S]*?status: )approved/, '$1deprecated');
    const later = stateAfterApproval(planned([deprecated], state));
    expect(planned([], later).release?.element(urn('person.full-name'))?.status).toBe('deprecated');
    expect(planned([source(columns)], later).unchanged).toEqual(['source/G01/population']);
  });

  it('masks elements of a contract as their value domains allow', () => {
    const masking = (masks: string) => {
      const { path, text } = contract(`${urn('person.full-name')}, ${urn('address.detail')}`);
      return { path, text: text.replace('  purpose', `  masks: {${masks}}\n  purpose`) };
    };
    const tellsOf = (masks: string) => told([catalogue, source(columns), masking(masks)], withDictionary);
    expect(tellsOf(`${urn('person.full-name')}: last-4, ${urn('address.detail')}: hash`)).toEqual(['none']);
    expect(tellsOf(`${urn('person.full-name')}: year`)).toEqual(['CONTRACT_MASK_UNFIT 6:50']);
    expect(tellsOf(`${urn('person.sex')}: hash`)).toEqual(['CONTRACT_MASK_ELEMENT 6:11']);
    expect(tellsOf(`${urn('person.full-name')}: first-4`)).toEqual(['DOCUMENT_VALUE 6:50']);
    const state = stateAfter(planned([...dictionary, catalogue, source(columns), masking(`${urn('person.full-name')}: last-4`)]));
    const view = [...compilePolicy(state.documents, planned([], state).release).byAgency.values()]
      .flat()
      .find(({ kind }) => kind === 'view');
    expect(policyEntry.parse(JSON.parse(JSON.stringify(view)))).toMatchObject({ masks: { person_full_name: 'last-4' } });
    // Rows that are there were masked in one way: another way is another contract.
    expect(told([masking(`${urn('person.full-name')}: hash`)], state)).toEqual(['CONTRACT_LOADED_CHANGED 6:50']);
    expect(told([contract(`${urn('person.full-name')}, ${urn('address.detail')}`)], state)).toEqual(['CONTRACT_LOADED_CHANGED 5:14']);
  });

  it('lets nothing out in clear that its dataset protects', () => {
    const ethnic = urn('person.ethnic-group');
    const protecting = source(
      `      - {column: ho_ten, element: ${urn('person.full-name')}, protection: encrypted}\n      - {column: dan_toc, element: ${ethnic}}\n`,
    );
    const masked = ({ path, text }: DocumentFile, masks: string): DocumentFile => ({
      path,
      text: text.replace('  purpose', `  masks: {${masks}}\n  purpose`),
    });
    const both = contract(`${urn('person.full-name')}, ${ethnic}`);
    const judged = planApply([catalogue, protecting, both], withDictionary, 'vi');
    const problems = 'problems' in judged ? judged.problems : [];
    expect(problems.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`)).toEqual([
      'CONTRACT_MASK_MISSING contract.yaml:5:14',
      'CONTRACT_MASK_MISSING contract.yaml:5:53',
    ]);
    expect(problems[1]?.message).toContain(ethnic);
    expect(problems[1]?.hint).toContain(`masks: {${ethnic}: hash}`);
    const masks = `${urn('person.full-name')}: last-4, ${ethnic}: hash`;
    expect(told([catalogue, protecting, masked(both, masks)], withDictionary)).toEqual(['none']);
    expect(told([catalogue, protecting, masked(both, `${ethnic}: hash`)], withDictionary)).toEqual(['CONTRACT_MASK_MISSING 5:14']);

    // One that was applied before this was refused can still be ended, and keeps nothing else from being applied.
    const after = stateAfter(planned([...dictionary, catalogue, protecting, masked(both, masks)]));
    const clear = {
      ...after,
      documents: after.documents.map((document) => {
        if (document.kind !== 'contract') return document;
        const { masks: _masks, ...terms } = document.body.contract;
        return { ...document, body: { contract: terms } };
      }),
    };
    expect(told([edited(both, 'validFrom: 2026-01-01', "validFrom: 2026-01-01\n  validTo: '2026-12-31'")], clear)).toEqual(['none']);
    expect(told([catalogue], clear)).toEqual(['none']);
  });

  it('has one number of partitions for each scheme', () => {
    const second = `---\ndataset: {name: population.card, agency: G01, title: ${title}, partitions: 3}\n`;
    const table = `  - table: dancu.the\n    subject: card\n    publish: true\n    primaryKey: [so]\n    identification: {column: so_dd, element: ${urn('person.personal-id')}}\n    columns: [{column: so_dd, element: ${urn('person.personal-id')}}]\n`;
    const files = [{ path: 'catalogue.yaml', text: catalogue.text + second }, source(columns, table)];
    expect(told(files, withDictionary)).toEqual(['DOCUMENT_PARTITIONS 7:82']);
  });
});

describe('the policy of what was applied', () => {
  const { documents, release } = planned(all);
  const policy = compilePolicy(documents, release);
  const ofAgency = (code: string) => policy.byAgency.get(code) ?? [];

  it('is valid entry by entry', () => {
    for (const entry of [...policy.common, ...policy.byAgency.values()].flat()) expect(policyEntry.safeParse(entry).error).toBeUndefined();
  });

  it('gives everybody agencies and datasets, and an agency its sources, contracts and views', () => {
    expect(new Set(policy.common.map(({ kind }) => kind))).toEqual(new Set(['agency', 'dataset']));
    expect(ofAgency('G01')).toMatchObject([
      {
        kind: 'source',
        sourceId: 'g01.population',
        tables: [{ table: 'dancu.cong_dan', dataset: 'population.resident', referenceDateColumn: null }],
      },
    ]);
    expect(ofAgency('G12.34')).toMatchObject([
      { kind: 'view', dataset: 'population.resident', codeInClear: false, fields: [{ name: 'person_full_name' }] },
      { kind: 'contract', name: 'tax-residents', generation: 1, validTo: null },
    ]);
  });

  it('makes a dataset of a table: the code first, its key the code, columns without an element left out', () => {
    const dataset = policy.common.find((entry) => entry.kind === 'dataset');
    expect(dataset).toMatchObject({
      topic: 'data.g01.population.resident.v1',
      quarantineTopic: 'quarantine.g01.population.resident',
      scheme: 'personal-id',
      codeField: 'person_personal_id',
      keyIsCode: true,
      partitions: 6,
      release: 1,
    });
    expect(dataset?.kind === 'dataset' && dataset.fields.map(({ name, required, role }) => [name, required, role])).toEqual([
      ['person_personal_id', true, 'source'],
      ['person_full_name', true, 'source'],
      ['address_detail', false, 'source'],
    ]);
    expect(JSON.stringify(policy)).not.toContain('"anh"');
  });

  it('calls for its topics, each once', () => {
    const plans = topicsOf([...policy.common, ...policy.byAgency.values()].flat());
    const names = plans.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of [
      'policy.common',
      'policy.g01',
      'state.g12-34',
      'command.g01',
      'reply.g01',
      'rejected.g01',
      'rejected.distributor',
      'state.distributor',
      'receipts',
    ]) {
      expect(names).toContain(name);
    }
    expect(plans.find(({ name }) => name === 'data.g01.population.resident.v1')).toEqual({
      name: 'data.g01.population.resident.v1',
      partitions: 6,
      cleanup: 'compact',
    });
    expect(plans.filter(({ name }) => name.startsWith('view.'))).toMatchObject([{ partitions: 6, cleanup: 'compact' }]);
    const states = plans.filter(({ name }) => name.startsWith('state.'));
    expect(states.map(({ name }) => name)).toEqual(expect.arrayContaining(['state.distributor', 'state.g12-34']));
    expect(plans.filter(({ cleanup }) => cleanup === 'compact-at-once')).toEqual(states);
    expect(plans.find(({ name }) => name === 'command.g01')).toMatchObject({ cleanup: 'delete', retentionDays: 7 });
    expect(plans.find(({ name }) => name === 'receipts')).toEqual({
      name: 'receipts',
      partitions: 1,
      cleanup: 'delete',
      retentionDays: 365,
    });
  });

  it('differs by key', () => {
    const [agency, ...rest] = policy.common;
    if (agency?.kind !== 'agency') throw new Error('the first entry is no agency');
    const renamed = { ...agency, name: { vi: 'b', en: 'b' } };
    const difference = diffPolicy(policy.common, [renamed, ...rest.slice(1)]);
    expect(difference).toMatchObject({ created: [], changed: [renamed], removed: ['agency/G12.34'] });
    expect(diffPolicy(policy.common, policy.common)).toMatchObject({ created: [], changed: [], removed: [] });
  });
});
