import { datasetValueSchema, namespaceOfTopic } from '@truc/change-event';
import { rowSchema, type FieldPolicy } from '@truc/dictionary';
import { capturedResidents, clock, codeOf, release } from './captured-residents.test-data.js';
import type { SourceRelation } from './change-source.js';
import { DatasetCapture } from './dataset-capture.js';

describe('what quarantine shows of a row', () => {
  const relation: SourceRelation = {
    schema: 'dancu',
    table: 'cong_dan',
    columns: ['id', 'ma', 'so_nha', 'duong', 'ghi_chu'].map((name) => ({ name, type: 'text', isKey: true })),
  };
  const { dataset } = capturedResidents('t');
  const shown = (protections: Partial<Record<string, FieldPolicy['protection']>>): string[] => {
    const fields = dataset.fields.map((field) => ({ ...field, protection: protections[field.name] ?? field.protection }));
    const valueSchema = datasetValueSchema(
      dataset.topic,
      rowSchema({ namespace: namespaceOfTopic(dataset.topic), name: 'Row', fields, release }),
    );
    const table = {
      table: 'dancu.cong_dan',
      dataset: dataset.name,
      primaryKey: ['id'],
      identification: { column: 'ma', transform: null },
      columns: [
        { column: 'so_nha', element: 'urn:vn:ddict:element:address.detail', transform: { op: 'format', pattern: '{so_nha}, {duong}' } },
      ],
      referenceDateColumn: null,
    };
    const capture = new DatasetCapture(table, { ...dataset, fields, valueSchema }, release, { key: 1, value: 2 }, clock);
    return [...capture.shownColumns(relation, ['a', codeOf(1), '1', 'Tràng Tiền', '']).keys()];
  };

  it('is every column that is read, and none of those that a protected field is made of', () => {
    expect(shown({})).toEqual(['id', 'ma', 'so_nha', 'duong']);
    expect(shown({ address_detail: 'masked' })).toEqual(['id', 'ma']);
    expect(shown({ address_detail: 'encrypted', person_personal_id: 'masked' })).toEqual(['id']);
  });
});
