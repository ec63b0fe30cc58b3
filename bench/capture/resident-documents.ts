import type { ApplyFile } from '@truc/local-stack';

/** Agency of the backbone that is the authority for what a resident's row tells. */
export const benchAgency = 'G01';

/** The dataset of a source's residents. */
export function datasetOfSource(source: string): string {
  return `${source}.resident`;
}

/** What an agency writes to publish the table of residents from a source, transforms among it as an untidy table asks for them. */
export function residentDocuments(source: string): ApplyFile {
  const element = (name: string): string => `urn:vn:ddict:element:${name}`;
  const column = (name: string, of: string, more = ''): string => `      - { column: ${name}, element: '${element(of)}'${more} }`;
  const text = `dataset:
  name: ${datasetOfSource(source)}
  agency: ${benchAgency}
  title: { vi: Công dân (đo tốc độ), en: Residents (bench) }
---
source:
  agency: ${benchAgency}
  database: ${source}
  schema: bench
  name: { vi: Nguồn để đo tốc độ, en: Source of the bench }
tables:
  - table: bench.resident
    subject: resident
    publish: true
    primaryKey: [personal_id]
    identification: { column: personal_id, element: '${element('person.personal-id')}' }
    columns:
${[
  column('personal_id', 'person.personal-id'),
  column('full_name', 'person.full-name', ', transform: [{ op: nfc }, { op: trim }], required: true'),
  column('born_on', 'person.date-of-birth', ', required: true'),
  column('sex', 'person.sex', ", transform: { op: map, values: { NAM: '1', NU: '2' } }, required: true"),
  column('nationality', 'person.nationality'),
  column('home_province', 'person.home-province'),
  column('province', 'address.province', ', required: true'),
  column('commune', 'address.commune', ', required: true'),
  column('address', 'address.detail'),
  column('life_status', 'person.life-status', ', transform: { op: toString }, required: true'),
].join('\n')}
`;
  return { path: `bench/${source}.yaml`, text };
}
