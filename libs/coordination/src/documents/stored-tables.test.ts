import { all, catalogue, columns, dictionaryFile, edited, planned, source, stateAfter, told, urn } from '../apply.test-data.js';
import { releaseOfProposal } from '../dictionary-proposal.js';
import type { AppliedState } from '../plan-apply.js';
import type { SourceDocument } from './document.js';

const idColumn = (transform: string) =>
  `      - {column: so_dinh_danh, element: ${urn('person.personal-id')}, transform: ${transform}, required: true}\n`;
const withCode = (one: string, other: string) =>
  edited(source(columns + idColumn(one)), 'via: null, transform: null', `via: null, transform: ${other}`);

/** As it was applied before the two transforms had to be the same. */
function stateOfBefore(): AppliedState {
  const state = stateAfter(planned([...all.filter(({ path }) => path !== 'source.yaml'), withCode('{op: trim}', '{op: trim}')]));
  const documents = state.documents.map((document) => {
    if (document.kind !== 'source') return document;
    const body = structuredClone(document.body) as { tables: { identification: { transform: unknown } }[] };
    body.tables[0]!.identification.transform = { op: 'nfc' };
    return { ...document, body: body as unknown as SourceDocument };
  });
  return { ...state, documents };
}

describe('a table that was applied before a rule', () => {
  const state = stateOfBefore();

  it('keeps nobody from applying something else, and is told where it is at hand', () => {
    const other = { ...catalogue, text: 'agency: {code: G13, name: {vi: b, en: b}}\n' };
    expect(told([other], state)).toEqual(['none']);
    expect(told([withCode('{op: trim}', '{op: nfc}')], state)).toEqual([expect.stringMatching(/^MAPPING_CODE_TRANSFORM /)]);
  });

  it('keeps no release from being made that does not make it worse', () => {
    const sexes = edited(edited(dictionaryFile('sex.yaml'), "version: '1.0.0'", "version: '1.1.0'"), 'Chưa xác định', 'Không xác định');
    const { proposed } = planned([sexes], state);
    const current = state.release!;
    const { problems } = releaseOfProposal(proposed!.changes, { current, base: current, documents: state.documents, today: '2026-06-01' });
    expect(problems).toEqual([]);
  });
});

describe('the code of a row and the field that repeats it', () => {
  it('are the same by what their transforms do, as the agent compares them', () => {
    const state = stateAfter(planned(all.filter(({ path }) => path === catalogue.path || path.startsWith('dictionary/'))));
    expect(told([withCode('{op: trim}', '[{op: trim}]')], state)).toEqual(['none']);
    expect(told([withCode('{op: trim}', '[{op: trim}, {op: nfc}]')], state)).toEqual([expect.stringMatching(/^MAPPING_CODE_TRANSFORM /)]);
  });
});
