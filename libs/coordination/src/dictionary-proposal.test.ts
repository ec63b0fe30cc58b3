import type { DictionaryContent } from '@truc/dictionary';
import {
  all,
  columns,
  contract,
  dictionaryFile,
  edited,
  planned,
  source,
  stateAfter,
  stateAfterApproval,
  told,
  urn,
} from './apply.test-data.js';
import { proposalChanges, releaseOfProposal, type ProposalGround } from './dictionary-proposal.js';
import type { ContractDocument } from './documents/document.js';
import { planApply, type AppliedState } from './plan-apply.js';
import type { StoredRelease } from './dictionary-content.js';

const state = stateAfter(planned(all));
const today = '2026-06-01';
const raised = ["version: '1.0.0'", "version: '1.1.0'"] as const;
const sexes = edited(edited(dictionaryFile('sex.yaml'), ...raised), 'Chưa xác định', 'Không xác định');
const bloods = edited(edited(dictionaryFile('blood-type.yaml'), ...raised), 'label:\n    vi: ', 'label:\n    vi: X');

function proposed(files: Parameters<typeof planned>[0], from: AppliedState = state): DictionaryContent {
  const { proposed: found } = planned(files, from);
  if (found === null) throw new Error('nothing was proposed');
  return found.changes;
}

function ground(now: AppliedState, base: AppliedState = state): ProposalGround {
  return { current: now.release as StoredRelease, base: base.release as StoredRelease, documents: now.documents, today };
}

/** One element changed, wherever it stands in its file. */
const person = (name: string, find: string, replacement: string) =>
  edited(dictionaryFile('person.yaml'), new RegExp(`(id: \\S+:element:person\\.${name}\\n[\\s\\S]*?)${find}`), `$1${replacement}`);

describe('a proposal', () => {
  it('tells what it changes, and is the next release when it is approved', () => {
    const changes = proposed([sexes]);
    expect(proposalChanges(state.release as StoredRelease, changes)).toEqual([
      {
        id: 'urn:vn:ddict:codelist:sex',
        change: 'changed',
        fields: ['version', 'entries'],
        codes: { added: 0, changed: 1, removed: 0 },
        status: { before: 'approved', after: 'approved' },
        version: { before: '1.0.0', after: '1.1.0' },
        stewards: [null],
      },
    ]);
    const { next, problems } = releaseOfProposal(changes, ground(state));
    expect(problems).toEqual([]);
    expect(next?.release.number).toBe(2);
    expect(next?.content.elements).toHaveLength(95);
  });

  it('goes on top of a release that came in between, unless that changed the same entry', () => {
    const [first, second] = [proposed([sexes]), proposed([bloods])];
    const between = stateAfterApproval(planned([bloods], state));
    const approved = releaseOfProposal(first, ground(between));
    expect(approved.problems).toEqual([]);
    expect(approved.next?.release.number).toBe(3);
    const versions = new Map(state.release?.content.codeLists.map(({ id, version }) => [id, version]));
    const lists = approved.next?.content.codeLists.filter(({ id, version }) => version !== versions.get(id)).map(({ id }) => id);
    expect(lists).toEqual(['urn:vn:ddict:codelist:blood-type', 'urn:vn:ddict:codelist:sex']);

    const other = edited(bloods, 'vi: X', 'vi: Y');
    const overtaken = releaseOfProposal(proposed([other]), ground(between));
    expect(overtaken.problems).toMatchObject([{ code: 'DICTIONARY_OVERTAKEN', file: 'urn:vn:ddict:codelist:blood-type' }]);
    // What holds already is no conflict.
    expect(releaseOfProposal(second, ground(between)).problems).toEqual([]);
  });

  it('is not approved while what was applied would not stand under it', () => {
    const deprecated = stateAfterApproval(planned([person('full-name', 'status: approved', 'status: deprecated')], state));
    const retired = proposed([person('full-name', 'status: approved', 'status: retired')], deprecated);
    const { problems } = releaseOfProposal(retired, ground(deprecated, deprecated));
    expect(problems).toMatchObject([{ file: '(applied source G01/population)', code: 'MAPPING_ELEMENT_STATUS' }]);
  });

  it('is not approved while a contract lets out in clear what the release begins to protect', () => {
    const sensitive = person(
      'full-name',
      "version: '1.0.0'([\\s\\S]*?)classification: personal",
      "version: '1.1.0'$2classification: sensitive-personal",
    );
    const changes = proposed([sensitive]);
    const changed = (terms: Partial<ContractDocument['contract']>): AppliedState => ({
      ...state,
      documents: state.documents.map((document) =>
        document.kind === 'contract' ? { ...document, body: { contract: { ...document.body.contract, ...terms } } } : document,
      ),
    });
    const found = (now: AppliedState): string[] =>
      releaseOfProposal(changes, ground(now, now)).problems.map(({ code, file }) => `${code} ${file}`);
    const refused = ['CONTRACT_LOADED_CLEAR (applied contract tax-residents)'];
    expect(found(state)).toEqual(refused);
    // One that is to begin lets it out then; one that ends today has the day.
    expect(found(changed({ validFrom: '2027-01-01' }))).toEqual(refused);
    expect(found(changed({ validTo: today }))).toEqual(refused);
    expect(found(changed({ validTo: '2026-05-31' }))).toEqual([]);
    expect(found(changed({ masks: { [urn('person.full-name')]: 'last-4' } }))).toEqual([]);
    const [problem] = releaseOfProposal(changes, ground(state), 'vi').problems;
    expect(problem?.message).toMatch(/tax-residents cho ra nguyên giá trị/);
    expect(problem?.hint).toContain(`masks: {${urn('person.full-name')}: hash}`);
  });

  it('leaves a contract ended that let out in clear what the release protects', () => {
    const name = urn('person.full-name');
    const days = (from: string, to: string): Parameters<typeof planned>[0] => [
      edited(contract(name), 'validFrom: 2026-01-01', `validFrom: '${from}'\n  validTo: ${to}`),
    ];
    const ended = stateAfter(planned([...all.slice(0, -1), ...days('2026-01-01', "'2026-05-31'")]));
    // Nothing is in the way of prolonging it while nothing is protected.
    expect(told(days('2026-01-01', 'null'), ended)).toEqual(['none']);
    const sensitive = person(
      'full-name',
      "version: '1.0.0'([\\s\\S]*?)classification: personal",
      "version: '1.1.0'$2classification: sensitive-personal",
    );
    const protecting = planned([sensitive], ended);
    expect(releaseOfProposal(proposed([sensitive], ended), ground(ended, ended)).problems).toEqual([]);
    const now = stateAfterApproval(protecting);
    const refused = ['CONTRACT_MASK_MISSING 5:14'];
    expect(told(days('2026-01-01', 'null'), now)).toEqual(refused);
    expect(told(days('2026-01-01', "'2026-06-01'"), now)).toEqual(refused);
    expect(told(days('2025-12-31', "'2026-05-31'"), now)).toEqual(refused);
    expect(told(days('2026-01-01', "'2026-05-31'"), now)).toEqual(['none']);
    expect(told(days('2026-01-01', "'2026-04-30'"), now)).toEqual(['none']);
  });

  it('is no worse for what a contract let out in clear before', () => {
    const protecting = source(columns.replace('required: true', 'protection: encrypted'));
    const masked = { ...contract(urn('person.full-name')) };
    masked.text = masked.text.replace('  purpose', `  masks: {${urn('person.full-name')}: last-4}\n  purpose`);
    const after = stateAfter(planned([...all.slice(0, -2), protecting, masked]));
    const documents = after.documents.map((document) => {
      if (document.kind !== 'contract') return document;
      const { masks: _masks, ...terms } = document.body.contract;
      return { ...document, body: { contract: terms } };
    });
    const found = (file: Parameters<typeof planned>[0][number]): string[] =>
      releaseOfProposal(proposed([file], after), ground({ ...after, documents }, after)).problems.map(({ code }) => code);
    expect(found(sexes)).toEqual([]);
    // Nor where other masks would do for it now.
    const dated = person(
      'full-name',
      "version: '1.0.0'([\\s\\S]*?)valueDomain: \\S+",
      "version: '1.1.0'$2valueDomain: urn:vn:ddict:domain:date",
    );
    expect(found(dated)).not.toContain('CONTRACT_LOADED_CLEAR');
    expect(found(dated)).not.toEqual([]);
  });

  it.each<[string, Parameters<typeof planned>[0], string]>([
    [
      'an element in use of a domain that is not yet',
      [
        edited(dictionaryFile('value-domains.yaml'), /(id: \S+:domain:)person-name(\n[\s\S]*?status: )approved/, '$1nick-name$2proposed'),
        edited(
          person('other-name', 'valueDomain: \\S+', 'valueDomain: urn:vn:ddict:domain:nick-name'),
          /person\.other-name\n/,
          'person.nick\n',
        ),
      ],
      'is approved and rests on urn:vn:ddict:domain:nick-name, which is proposed',
    ],
    ['a status out of turn', [person('full-name', 'status: approved', 'status: retired')], 'cannot become retired: only deprecated'],
    ['another meaning under the old version', [person('full-name', 'classification: personal', 'classification: shared')], 'above 1.0.0'],
    ['a version that goes back', [person('full-name', "version: '1.0.0'", "version: '0.9.0'")], 'goes back'],
    ['an element of no concept', [person('full-name', 'concept: \\S+', 'concept: urn:vn:ddict:concept:no.where')], 'no.where is not'],
    [
      'a specialised entry of nobody',
      [person('full-name', 'status: approved', 'status: approved\n    tier: specialised')],
      'needs a steward',
    ],
    [
      'a new entry that is over already',
      [person('other-name', 'status: approved', 'status: retired')].map((file) => edited(file, /person\.other-name\n/, 'person.nick\n')),
      'is new and retired',
    ],
  ])('is refused for %s', (_, files, expected) => {
    expect(() => planned(files, state)).toThrow(expected);
    const inVietnamese = planApply(files, state, 'vi');
    const messages = 'problems' in inVietnamese ? inVietnamese.problems.map(({ message }) => message) : [];
    expect(messages).not.toEqual([]);
    for (const message of messages) expect(message).toMatch(/[ăđơưạảấầậắặẹẽếềệỉịọỏốồộớờợụủứừựỳỵ]/);
  });

  it('takes out of use what rests on a domain that may not be used, and takes it back no more', () => {
    // As a platform stored it before this was refused.
    const { number, content } = state.release as StoredRelease;
    const valueDomains = content.valueDomains.map((domain) =>
      domain.id === 'urn:vn:ddict:domain:person-name' ? { ...domain, status: 'retired' as const } : domain,
    );
    const resting: AppliedState = { documents: [], release: { number, content: { ...content, valueDomains } } };
    const deprecated = [person('full-name', 'status: approved', 'status: deprecated')];
    expect(releaseOfProposal(proposed(deprecated, resting), ground(resting, resting)).problems).toEqual([]);
    const later = stateAfterApproval(planned(deprecated, resting));
    const back = dictionaryFile('person.yaml');
    expect(() => planned([back], later)).toThrow('is approved and rests on urn:vn:ddict:domain:person-name, which is retired');
    expect(planned([person('full-name', 'status: approved', 'status: retired')], later).proposed).not.toBeNull();
  });

  it('says to whoever approves it in Vietnamese what does not stand', () => {
    const [late] = releaseOfProposal(
      proposed([person('full-name', 'status: approved', 'status: deprecated')]),
      ground(state),
      'vi',
    ).problems;
    expect(late).toBeUndefined();
    const content = { ...proposed([person('full-name', "version: '1.0.0'", "version: '1.1.0'")]) };
    const back = { ...content, elements: content.elements.map((element) => ({ ...element, version: '0.9.0' })) };
    const { problems } = releaseOfProposal(back, ground(state), 'vi');
    expect(problems.map(({ message }) => message)).toEqual(['phiên bản lùi từ 1.0.0 về 0.9.0']);
  });

  it('lets both tiers refer to each other', () => {
    const specialised = edited(
      person('other-name', 'status: approved', 'status: approved\n    tier: specialised\n    steward: G12'),
      /person\.other-name\n/,
      'person.trade-name\n',
    );
    const after = stateAfterApproval(planned([specialised], state));
    expect(
      planned(
        [source(`${columns}      - {column: hieu, element: ${urn('person.trade-name')}}\n`)],
        stateAfterApproval(planned([specialised], stateAfter(planned(all.slice(0, -2))))),
      ).created,
    ).toEqual(['source/G01/population']);
    expect(proposalChanges(state.release as StoredRelease, proposed([specialised]))).toMatchObject([
      { change: 'added', stewards: ['G12'] },
    ]);
    const national = person(
      'full-name',
      "version: '1.0.0'([\\s\\S]*?)supersededBy: null",
      `version: '1.1.0'$2supersededBy: ${urn('person.trade-name')}`,
    );
    expect(planned([national], after).proposed?.changes.elements).toMatchObject([{ supersededBy: urn('person.trade-name') }]);
  });
});
