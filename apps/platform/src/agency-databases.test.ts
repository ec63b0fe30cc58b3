import type { PolicyEntry } from '@truc/coordination';
import { agencyDatabases, databaseName } from './agency-databases.js';

// What is looked at of an entry, and nothing else.
const source = (agency: string, database: string) => ({ kind: 'source', agency, database }) as unknown as PolicyEntry;
const contract = (consumer: string, database: string, validFrom: string, validTo: string | null) =>
  ({ kind: 'contract', consumer, validFrom, validTo, target: { database } }) as unknown as PolicyEntry;

describe('databases of an agency', () => {
  it('are its sources, and the targets of its contracts on the days on which they are valid', () => {
    const entries = [
      source('G01', 'population'),
      source('G12', 'administrative'),
      contract('G01', 'tax', '2026-01-01', null),
      contract('G01', 'tax', '2026-01-01', '2026-12-31'),
      contract('G01', 'past', '2025-01-01', '2026-01-01'),
      contract('G01', 'future', '2026-06-02', null),
      contract('G12', 'other', '2026-01-01', null),
    ];
    expect(agencyDatabases(entries, 'G01', '2026-06-01').map(databaseName)).toEqual(['source/population', 'target/tax']);
    expect(agencyDatabases(entries, 'G55', '2026-06-01')).toEqual([]);
  });
});
