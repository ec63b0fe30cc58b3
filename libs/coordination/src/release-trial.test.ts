import type { DictionaryContent } from '@truc/dictionary';
import { all, dictionaryFile, edited, planned, stateAfter, stateAfterApproval } from './apply.test-data.js';
import type { StoredRelease } from './dictionary-content.js';
import type { AppliedState } from './plan-apply.js';
import { tryRelease, type ReleaseTrial } from './release-trial.js';

const state = stateAfter(planned(all));
const today = '2026-06-01';

function tried(files: Parameters<typeof planned>[0], from: AppliedState = state): ReleaseTrial {
  const { proposed } = planned(files, from);
  if (proposed === null) throw new Error('nothing was proposed');
  const release = from.release as StoredRelease;
  return tryRelease(proposed.changes as DictionaryContent, { current: release, base: release, documents: from.documents, today });
}

const nameDomain = (find: string, replacement: string) =>
  edited(
    dictionaryFile('value-domains.yaml'),
    new RegExp(`(id: \\S+:domain:person-name\\n    version: )'1\\.0\\.0'([\\s\\S]*?)${find}`),
    `$1'2.0.0'$2${replacement}`,
  );
const fullName = (find: string, replacement: string) =>
  edited(dictionaryFile('person.yaml'), new RegExp(`(id: \\S+:element:person\\.full-name\\n[\\s\\S]*?)${find}`), `$1${replacement}`);

describe('a release on trial', () => {
  it('breaks nothing where it only adds', () => {
    const added = edited(dictionaryFile('person.yaml'), /person\.other-name\n/, 'person.nick-name\n');
    expect(tried([added])).toEqual({ release: 2, problems: [], subjects: [] });
  });

  it('says which schemas of datasets and contracts another type breaks, by rule and by what could not be read any more', () => {
    const { release, problems, subjects } = tried([
      nameDomain(
        'avroType: string([\\s\\S]*?)minLength: \\S+\\n    maxLength: \\S+([\\s\\S]*?)pattern: \\S+([\\s\\S]*?)checkRule: \\S+',
        'avroType: int$3minLength: null\n    maxLength: null$4pattern: null$5checkRule: null',
      ),
    ]);
    // The registry would take no such schema, so that nothing would be captured any more: it is not approved.
    expect(release).toBe(2);
    expect(problems).toMatchObject([{ code: 'DICTIONARY_SCHEMA_BROKEN', file: '(applied dataset population.resident)' }]);
    expect(problems[0]?.message).toContain('data.g01.population.resident.v1');
    expect(
      subjects.map(({ subject, dataset, agency, contracts }) => [subject.replace(/[0-9a-f]{32}/, '*'), dataset, agency, contracts]),
    ).toEqual([
      ['data.g01.population.resident.v1-value', 'population.resident', 'G01', []],
      ['view.*-value', 'population.resident', 'G01', ['tax-residents']],
    ]);
    for (const { violations, incompatibilities } of subjects) {
      expect(violations).toMatchObject([
        { rule: 'D2', element: expect.stringContaining('person.full-name') as string, expected: 'int', found: 'string' },
      ]);
      expect(incompatibilities.length).toBeGreaterThan(0);
    }
  });

  it('says which mapping does not stand', () => {
    const deprecated = stateAfterApproval(planned([fullName('status: approved', 'status: deprecated')], state));
    // What uses a deprecated element may go on.
    expect(
      tried(
        [dictionaryFile('sex.yaml')].map((file) => edited(file, "version: '1.0.0'", "version: '1.1.0'")),
        deprecated,
      ),
    ).toMatchObject({ problems: [], subjects: [] });
    const { problems, subjects } = tried([fullName('status: approved', 'status: retired')], deprecated);
    expect(problems).toMatchObject([{ file: '(applied source G01/population)', code: 'MAPPING_ELEMENT_STATUS' }]);
    expect(subjects.flatMap(({ violations }) => violations.map(({ rule }) => rule))).toEqual(['D1', 'D1']);
  });

  it('says that the changes make no release', () => {
    const release = state.release as StoredRelease;
    const [element] = release.content.elements;
    const changes = {
      concepts: [],
      elements: [{ ...element!, valueDomain: 'urn:vn:ddict:domain:nowhere', version: '2.0.0' }],
      valueDomains: [],
      codeLists: [],
    };
    const trial = tryRelease(changes, { current: release, base: release, documents: state.documents, today });
    expect(trial).toMatchObject({ release: null, subjects: [], problems: [{ message: expect.stringContaining('nowhere') as string }] });
  });
});
