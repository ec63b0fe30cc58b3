import { releaseFromEntries, type PolicyEntry } from '@truc/coordination';
import { checkSubjectSchema, type DictionaryRelease } from '@truc/dictionary';
import type { Violation } from './refusal.js';
import { subjectParts } from './subject.js';
import type { Candidate, Judgement, SubjectRules } from './subject-rules.js';

/**
 * The rules by what the policy topics hold: the latest release that is whole, and the datasets and views of the catalogue.
 * @returns null while no release has arrived
 * @throws DictionaryError when the latest release contradicts itself
 */
export function rulesOfPolicy(entries: readonly PolicyEntry[]): SubjectRules | null {
  const release = releaseFromEntries(entries);
  return release === null ? null : new PolicyRules(release, entries);
}

class PolicyRules implements SubjectRules {
  readonly #release: DictionaryRelease;
  readonly #datasets = new Map<string, Extract<PolicyEntry, { kind: 'dataset' }>>();
  readonly #views = new Map<string, Extract<PolicyEntry, { kind: 'view' }>>();

  constructor(release: DictionaryRelease, entries: readonly PolicyEntry[]) {
    this.#release = release;
    for (const entry of entries) {
      if (entry.kind === 'dataset') this.#datasets.set(entry.topic, entry);
      if (entry.kind === 'view') this.#views.set(entry.topic, entry);
    }
  }

  judge({ subject, schema, previous }: Candidate): Judgement {
    const { topic, part } = subjectParts(subject);
    if (topic === null || part === null) {
      const hint = 'name the subject <topic>-key or <topic>-value';
      return refused({ expected: 'a subject that ends with -key or -value', found: subject, hint });
    }
    const view = this.#views.get(topic) ?? null;
    const dataset = this.#datasets.get(view?.datasetTopic ?? topic) ?? null;
    if (view === null && dataset === null) {
      // Without it nobody can say what the dataset requires and what its code is.
      const hint = 'apply the dataset, or the contract of the view, first';
      return refused({
        expected: 'a topic of a dataset or view in the catalogue',
        found: `${topic}, which the catalogue does not have`,
        hint,
      });
    }
    return checkSubjectSchema({
      subject,
      keyOrValue: part,
      schema: { schema, limits: [] },
      release: this.#release,
      dataset,
      view: view === null || dataset === null ? view : { ...view, agency: dataset.agency, dataset: dataset.name },
      // Rule D6 was judged before this, at every registration, whether or not a release has arrived.
      caller: null,
      previousVersions: previous,
    });
  }

  isInUse(subject: string): boolean {
    const topic = subjectParts(subject).topic ?? subject;
    return this.#datasets.has(topic) || this.#views.has(topic);
  }
}

function refused(what: Pick<Violation, 'expected' | 'found' | 'hint'>): Judgement {
  return { violations: [{ rule: 'D5', path: '$', element: null, ...what }], warnings: [] };
}
