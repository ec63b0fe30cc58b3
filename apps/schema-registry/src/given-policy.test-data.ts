import { readdirSync, readFileSync } from 'node:fs';
import { datasetValueSchema, namespaceOfTopic } from '@truc/change-event';
import { compileView } from '@truc/contracts';
import { releaseToEntries, type DatasetPolicy, type PolicyEntry } from '@truc/coordination';
import { canonicalFieldName, createRelease, parseDictionaryFiles, rowSchema, type FieldPolicy } from '@truc/dictionary';
import type { PolicySource } from './registry-policy.js';

const dictionary = new URL('../../../schemas/dictionary/', import.meta.url);
const files = readdirSync(dictionary, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, dictionary), 'utf8') }));
export const release = createRelease({ number: 1, ...parseDictionaryFiles(files, {}) });

export const field = (name: string, more: Partial<FieldPolicy> = {}): FieldPolicy => {
  const element = `urn:vn:ddict:element:${name}`;
  return { name: canonicalFieldName(element), element, role: 'source', protection: 'none', required: false, ...more };
};
export const fields = [
  field('person.personal-id', { required: true }),
  field('person.full-name', { required: true }),
  field('person.date-of-birth'),
];
export const topic = 'data.g01.population.resident.v1';
export const valueSchemaOf = (fieldsOf: readonly FieldPolicy[], addedLater?: ReadonlySet<string>): string =>
  datasetValueSchema(
    topic,
    rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields: fieldsOf, release, ...(addedLater ? { addedLater } : {}) }),
  );
export const dataset: DatasetPolicy = {
  kind: 'dataset',
  name: 'population.resident',
  generation: 1,
  agency: 'G01',
  title: { vi: 'Dân cư', en: 'Residents' },
  topic,
  quarantineTopic: 'quarantine.g01.population.resident',
  partitions: 2,
  scheme: 'personal-id',
  codeElement: 'urn:vn:ddict:element:person.personal-id',
  codeField: 'person_personal_id',
  keyIsCode: true,
  fields,
  release: 1,
  valueSchema: valueSchemaOf(fields),
};
export const view = compileView(dataset, { elements: [fields[0]!.element, fields[2]!.element], maskKey: 'G12' }, release);
export const wholePolicy: PolicyEntry[] = [
  { kind: 'agency', code: 'G01', name: { vi: 'Bộ Công an', en: 'Public Security' } },
  ...releaseToEntries(release),
  dataset,
  view,
];

/** Policy as the log would bring it: what is `coming` is in the log and not read yet. */
export class GivenPolicy implements PolicySource {
  isRead = true;
  revision = 0;
  coming: PolicyEntry[] = [];
  #entries: PolicyEntry[] = [];

  all = (): PolicyEntry[] => this.#entries;

  async catchUp(): Promise<void> {
    if (this.coming.length > 0) this.arrive(this.coming.splice(0));
  }

  arrive(entries: readonly PolicyEntry[]): void {
    this.#entries = [...this.#entries, ...entries];
    this.revision += 1;
  }

  withdraw(isWithdrawn: (entry: PolicyEntry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !isWithdrawn(entry));
    this.revision += 1;
  }
}
