import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePolicy, planApply, releaseToEntries, type DocumentFile, type PolicyEntry } from '@truc/coordination';

const root = join(import.meta.dirname, '../../../schemas/dictionary');
export const shippedDictionary: readonly DocumentFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

export const elementUrn = (name: string): string => `urn:vn:ddict:element:${name}`;

const title = '{vi: a, en: a}';

/** One agency that publishes its residents from one table. @param more further fields of the dataset: `, oneRowPerCode: true` */
export function residentDocuments(more = ''): string {
  return `agency: {code: G01, name: ${title}}
---
dataset: {name: population.resident, agency: G01, title: ${title}${more}}
---
source: {agency: G01, database: population, schema: dancu, name: ${title}}
tables:
  - table: dancu.cong_dan
    subject: resident
    publish: true
    primaryKey: [id]
    identification: {column: so_dinh_danh, element: ${elementUrn('person.personal-id')}}
    columns:
      - {column: ho_ten, element: ${elementUrn('person.full-name')}}
`;
}

/** What an agency reads of policy once these files, a dictionary among them, were applied to an empty platform. */
export function appliedPolicy(files: readonly DocumentFile[]): PolicyEntry[] {
  const planned = planApply(files, { documents: [], release: null });
  if ('problems' in planned) throw new Error(planned.problems.map(({ message }) => message).join('\n'));
  const { documents, release } = planned.plan;
  if (release === null) throw new Error('there is no dictionary among the files');
  const { common, byAgency } = compilePolicy(documents, release);
  return [...releaseToEntries(release), ...common, ...[...byAgency.values()].flat()];
}

/** {@link appliedPolicy} of the shipped dictionary and one file of documents. */
export function policyOfDocuments(text: string): PolicyEntry[] {
  return appliedPolicy([...shippedDictionary, { path: 'documents.yaml', text }]);
}
