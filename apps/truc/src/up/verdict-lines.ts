import type { Reconciliation } from '@truc/local-stack';
import { tableLines } from '../output-format.js';

const digits = 12;

/** The verdict for a person: what was compared, row counts and the beginning of each hash, and one sentence. */
export function verdictLines({ verdict, datasets, contracts, forbidden }: Reconciliation): string[] {
  const rows = [
    ...datasets.map(({ dataset, source, generalDatabase, quarantined, equal }) => [
      dataset,
      'general database',
      count(source.rows),
      count(generalDatabase.rows),
      count(quarantined),
      source.sha256.slice(0, digits),
      generalDatabase.sha256.slice(0, digits),
      equal ? 'equal' : 'DIFFERENT',
    ]),
    ...contracts.map(({ dataset, contract, source, subscriber, equal }) => [
      dataset,
      contract,
      count(source.rows),
      count(subscriber.rows),
      '',
      source.sha256.slice(0, digits),
      subscriber.sha256.slice(0, digits),
      equal ? 'equal' : 'DIFFERENT',
    ]),
  ];
  const strays = forbidden.flatMap(({ database, unexpected }) => unexpected.map((column) => `${database}: ${column}`));
  return [
    '',
    ...tableLines(['dataset', 'compared with', 'source rows', 'rows there', 'quarantined', 'hash of source', 'hash there', ''], rows),
    '',
    ...(strays.length === 0 ? [] : [`Columns that no contract names were found: ${strays.join(', ')}`]),
    verdict === 'equal'
      ? 'Equal: the source, the general database and the subscriber hold the same rows, and the subscriber holds no column that its contract does not name.'
      : 'Different: what the source holds is not what arrived. The logs of agents and consumers say why.',
  ];
}

function count(rows: number): string {
  return rows.toLocaleString('en-US');
}
