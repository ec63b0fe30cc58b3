import { readdirSync, readFileSync } from 'node:fs';
import { datasetValueSchema, namespaceOfTopic } from '@truc/change-event';
import type { DatasetPolicy } from '@truc/coordination';
import {
  canonicalFieldName,
  createRelease,
  parseDictionaryFiles,
  rowSchema,
  type DictionaryRelease,
  type FieldPolicy,
} from '@truc/dictionary';
import type { Clock } from '@truc/kernel';
import type { SourceRelation, SourceText } from './change-source.js';
import { DatasetCapture } from './dataset-capture.js';

const dictionary = new URL('../../../schemas/dictionary/', import.meta.url);
/** The shipped dictionary, in which a name may be longer than an event of the log can be. */
const files = readdirSync(dictionary, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, dictionary), 'utf8').replaceAll(/maxLength: 255$/gm, 'maxLength: 4000000') }));
const parts = parseDictionaryFiles(files, {});
export const release = createRelease({ number: 1, ...parts });
/** A later one, which takes no code of these residents for a code any more. */
export const stricterRelease = createRelease({
  number: 2,
  ...parts,
  valueDomains: parts.valueDomains.map((domain) => (domain.id.endsWith(':personal-id') ? { ...domain, pattern: '^9[0-9]{11}$' } : domain)),
});

const field = (name: string, more: Partial<FieldPolicy> = {}): FieldPolicy => {
  const element = `urn:vn:ddict:element:${name}`;
  return { name: canonicalFieldName(element), element, role: 'source', protection: 'none', required: false, ...more };
};
const fields = [field('person.personal-id', { required: true }), field('address.detail')];

export const tableName = 'dancu.cong_dan';
export const clock: Clock = { now: () => Date.UTC(2026, 0, 2) };

/** A table of residents whose row key is not their code, and its capture into topics that begin with `prefix`. @param captured `schema.table` */
export function capturedResidents(
  prefix: string,
  more: Partial<DatasetPolicy> = {},
  captured = tableName,
  judgedBy: DictionaryRelease = release,
): DatasetCapture {
  const topic = `${prefix}.data.v1`;
  const dataset: DatasetPolicy = {
    kind: 'dataset',
    name: 'population.resident',
    generation: 1,
    agency: 'G01',
    title: { vi: 'Dân cư', en: 'Residents' },
    topic,
    quarantineTopic: `${prefix}.quarantine`,
    partitions: 1,
    scheme: 'personal-id',
    codeElement: 'urn:vn:ddict:element:person.personal-id',
    codeField: 'person_personal_id',
    keyIsCode: false,
    fields,
    release: 1,
    valueSchema: datasetValueSchema(topic, rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields, release })),
    ...more,
  };
  const table = {
    table: captured,
    dataset: dataset.name,
    primaryKey: ['id'],
    identification: { column: 'ma', transform: null },
    columns: [
      { column: 'ma', element: 'urn:vn:ddict:element:person.personal-id', transform: null },
      { column: 'dia_chi', element: 'urn:vn:ddict:element:address.detail', transform: null },
    ],
    referenceDateColumn: null,
  };
  return new DatasetCapture(table, dataset, judgedBy, { key: 1, value: 2 }, clock);
}

/** With its whole rows as replica identity. */
export const relation: SourceRelation = {
  schema: 'dancu',
  table: 'cong_dan',
  columns: [
    { name: 'id', type: 'text', isKey: true },
    { name: 'ma', type: 'text', isKey: true },
    { name: 'dia_chi', type: 'text', isKey: true },
  ],
};

/** A code that its rule accepts. */
export const codeOf = (number: number): string => `001099${String(number).padStart(6, '0')}`;
/** A row as the source gives it. @param code null makes it one that the dictionary refuses */
export const row = (id: string, code: string | null, address = 'Số 1'): SourceText[] => [id, code ?? 'not a code', address];
/** As quarantine knows the row. */
export const sourceKey = (id: string): string => JSON.stringify([id]);
/** Longer than an event may be. */
export const longAddress = 'x'.repeat(970 * 1024);
