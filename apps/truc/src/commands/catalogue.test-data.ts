/** Documents as a platform tells them: one dataset, its source, one contract on it. */
const applied = { revision: 1, appliedBy: 'administrator', appliedAt: '2026-11-01T02:03:04.000Z' };
const bilingual = (text: string) => ({ vi: text, en: text });

export const residentColumns = [
  { column: 'so_dinh_danh', element: 'person.id', transform: null, reference: false, protection: 'none' },
  { column: 'ho_ten', element: 'person.full-name', transform: null, reference: false, protection: 'none' },
  { column: 'ghi_chu', element: null, transform: null, reference: false, protection: 'none' },
];

export const sourceBody = (columns: readonly object[]) => ({
  source: { agency: 'G01', database: 'population', schema: 'dancu', name: bilingual('Population') },
  tables: [
    {
      table: 'dancu.cong_dan',
      subject: 'resident',
      publish: true,
      primaryKey: ['so_dinh_danh'],
      identification: { column: 'so_dinh_danh', element: 'person.id', via: null, transform: null },
      columns,
    },
  ],
});

export const datasetBody = (more: object = {}) => ({
  dataset: { name: 'population.resident', agency: 'G01', generation: 1, title: bilingual('Residents'), partitions: 6, ...more },
});

export const contractBody = (more: object = {}) => ({
  contract: {
    name: 'social-insurance',
    consumer: 'G12.34',
    dataset: 'population.resident',
    elements: ['person.id', 'person.full-name'],
    purpose: bilingual('Insurance'),
    legalBasis: 'Decree 1',
    validFrom: '2026-01-01',
    validTo: null,
    target: { database: 'social_insurance', table: 'resident' },
    ...more,
  },
});

export const documentViews = [
  { kind: 'agency', name: 'G01', agency: 'G01', ...applied, body: { agency: { code: 'G01', name: bilingual('Police') } } },
  { kind: 'dataset', name: 'population.resident', agency: 'G01', ...applied, body: datasetBody() },
  { kind: 'source', name: 'G01/population', agency: 'G01', ...applied, body: sourceBody(residentColumns) },
  { kind: 'contract', name: 'social-insurance', agency: 'G12.34', ...applied, body: contractBody() },
];

const field = { name: 'person_full_name', element: 'person.full-name', role: 'source', protection: 'none', required: false };
const topic = 'data.g01.population.resident.v1';

export const catalogueAnswers = {
  'GET /v1/documents': { body: { documents: documentViews } },
  'GET /v1/policy': {
    body: {
      entries: [
        {
          key: 'd',
          entry: {
            kind: 'dataset',
            name: 'population.resident',
            generation: 1,
            scheme: 'personal-id',
            codeElement: 'person.id',
            topic,
            fields: [field],
          },
        },
        { key: 'c', entry: { kind: 'contract', name: 'social-insurance', viewId: 'a1' } },
        { key: 'v', entry: { kind: 'view', id: 'a1', topic: 'view.a1' } },
      ],
    },
  },
  'GET /v1/status': {
    body: { release: 1, entries: 3, schemas: [{ subject: `${topic}-value`, state: 'registered', reason: null }] },
  },
};
