import type { AvroReading } from '@truc/avro';
import type { ContractPolicy, ViewPolicy } from '@truc/contracts';
import { releaseFromEntries, topicNames, type DatasetPolicy, type PolicyEntry } from '@truc/coordination';
import {
  checkSubjectSchema,
  limitViolations,
  schemaHint,
  schemaTerm,
  subjectKind,
  type DictionaryRelease,
  type SchemaProblem,
} from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { subjectParts } from './subject.js';
import type { Candidate, Judgement, SubjectRules } from './subject-rules.js';

/**
 * The rules by what the policy topics hold: the latest release, and the datasets and views of the catalogue.
 * @returns null while no release has arrived, or not all of the latest
 * @throws DictionaryError when the latest release contradicts itself
 */
export function rulesOfPolicy(entries: readonly PolicyEntry[]): SubjectRules | null {
  const release = releaseFromEntries(entries);
  return release === null ? null : new PolicyRules(release, entries);
}

class PolicyRules implements SubjectRules {
  readonly #release: DictionaryRelease;
  readonly #datasets = new Map<string, DatasetPolicy>();
  readonly #views = new Map<string, ViewPolicy>();
  readonly #contracts: readonly ContractPolicy[];

  constructor(release: DictionaryRelease, entries: readonly PolicyEntry[]) {
    this.#release = release;
    this.#contracts = entries.filter((entry) => entry.kind === 'contract');
    for (const entry of entries) {
      if (entry.kind === 'dataset') this.#datasets.set(entry.topic, entry);
      if (entry.kind === 'view') this.#views.set(entry.topic, entry);
    }
  }

  judge({ subject, reading, previous, language }: Candidate): Judgement {
    const { topic, part } = subjectParts(subject);
    if (topic === null || part === null) {
      return this.#refused(reading, language, 'subject-ending', schemaTerm('subject-ending', language), subject);
    }
    const view = this.#views.get(topic) ?? null;
    const dataset = this.#datasets.get(view?.datasetTopic ?? topic) ?? null;
    if (view === null && dataset === null) {
      // Without it nobody can say what the dataset requires and what its code is.
      const found = schemaTerm('topic-not-in-catalogue', language, topic);
      return this.#refused(reading, language, 'topic-not-in-catalogue', schemaTerm('catalogued-topic', language), found);
    }
    return checkSubjectSchema({
      subject,
      keyOrValue: part,
      schema: reading,
      release: this.#release,
      dataset,
      view: view === null || dataset === null ? view : { ...view, agency: dataset.agency, dataset: dataset.name },
      // Rule D6 is judged beside this, at every registration, whether or not a release has arrived.
      caller: null,
      previousVersions: previous,
      language,
    });
  }

  neededBy(subject: string, language: Language): string[] {
    const topic = subjectParts(subject).topic ?? subject;
    const needs: string[] = [];
    const dataset = this.#datasets.get(topic);
    if (dataset !== undefined) needs.push(schemaTerm('needed-dataset', language, dataset.name));
    const generation = this.#supersededGeneration(topic);
    if (generation !== null) needs.push(schemaTerm('needed-generation', language, generation.dataset, String(generation.generation)));
    for (const view of this.#views.values()) {
      if (view.topic === topic || view.datasetTopic === topic) needs.push(schemaTerm('needed-view', language, view.id));
    }
    for (const contract of this.#contracts) {
      const ofView = topicNames.view(contract.viewId) === topic;
      if (ofView || this.#isOfContract(topic, contract)) needs.push(schemaTerm('needed-contract', language, contract.name));
    }
    return needs;
  }

  /** A topic of an earlier generation than the catalogue's: it is compacted, so it holds the last version of every row until the topic itself is deleted. */
  #supersededGeneration(topic: string): { readonly dataset: string; readonly generation: number } | null {
    const own = generationOf(topic);
    if (own === null || this.#datasets.has(topic)) return null;
    const isSuperseded = [...this.#datasets.values()].some(
      ({ agency, name, generation }) => generation > own.generation && topicNames.data(agency, name, own.generation) === topic,
    );
    return isSuperseded ? own : null;
  }

  /** Whether the topic carries what a contract is about. A contract does not say whose dataset it is: where the catalogue does not either, the name is enough. */
  #isOfContract(topic: string, { dataset, generation }: ContractPolicy): boolean {
    const known = [...this.#datasets.values()].find(({ name }) => name === dataset);
    if (known !== undefined) return topicNames.data(known.agency, dataset, generation) === topic;
    const own = generationOf(topic);
    return own !== null && own.dataset === dataset && own.generation === generation;
  }

  #refused(reading: AvroReading, language: Language, hint: SchemaProblem, expected: string, found: string): Judgement {
    const violation = { rule: 'D5', path: '$', element: null, expected, found, hint: schemaHint(hint, language) };
    return { violations: [violation, ...limitViolations(reading.limits, language)], warnings: [] };
  }
}

function generationOf(topic: string): { readonly dataset: string; readonly generation: number } | null {
  const kind = subjectKind(topic);
  const [, generation] = /\.v([0-9]+)$/.exec(topic) ?? [];
  return kind.kind !== 'data' || generation === undefined ? null : { dataset: kind.dataset, generation: Number(generation) };
}
