import type { DatasetPolicy } from '@truc/coordination';
import { datasetTables, tableOfDataset } from './dataset-tables.js';

const dataset = (agency: string, name: string, generation = 1): DatasetPolicy => ({
  kind: 'dataset',
  name,
  generation,
  agency,
  title: { vi: 'x', en: 'x' },
  topic: `data.${agency.toLowerCase()}.${name}.v${generation}`,
  quarantineTopic: 'quarantine.x',
  partitions: 2,
  scheme: 'personal-id',
  codeElement: 'urn:x',
  codeField: 'personalId',
  keyIsCode: true,
  fields: [{ name: 'personalId', element: 'urn:x', role: 'source', protection: 'none', required: true }],
  release: 1,
  valueSchema: '{}',
});

describe('tables of datasets', () => {
  it.each([
    ['G01', 'population.resident', 1, 'g01', 'population_resident'],
    ['G12.34', 'land.parcel-use', 2, 'g12_34', 'land_parcel_use_v2'],
    ['H29.17.30', 'x', 11, 'h29_17_30', 'x_v11'],
  ])('keeps %s %s v%i in %s.%s', (agency, name, generation, schema, table) => {
    expect(tableOfDataset({ agency, name, generation })).toEqual({ schema, name: table });
  });

  it('applies none of the datasets whose tables would be one', () => {
    const { subscriptions, clashing } = datasetTables([
      dataset('G01', 'land.use'),
      dataset('G01', 'land-use'),
      dataset('G02', 'land.use'),
      dataset('G01', 'a.v2'),
      dataset('G01', 'a', 2),
      dataset('G01', 'a'),
    ]);
    expect(subscriptions.map(({ topic }) => topic)).toEqual(['data.g02.land.use.v1', 'data.g01.a.v1']);
    expect(clashing.map(({ table }) => table)).toEqual(['g01.land_use', 'g01.land_use', 'g01.a_v2', 'g01.a_v2']);
  });
});
