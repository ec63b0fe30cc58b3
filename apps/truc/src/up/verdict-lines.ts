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
      hashes(source.sha256, generalDatabase.sha256),
      equal ? 'equal' : 'DIFFERENT',
    ]),
    ...contracts.map(({ dataset, contract, source, subscriber, equal }) => [
      dataset,
      contract,
      count(source.rows),
      count(subscriber.rows),
      '',
      hashes(source.sha256, subscriber.sha256),
      equal ? 'equal' : 'DIFFERENT',
    ]),
  ];
  const strays = forbidden.flatMap(({ database, unexpected }) => unexpected.map((column) => `${database}: ${column}`));
  return [
    '',
    ...tableLines(['dataset', 'compared with', 'source rows', 'rows there', 'quarantined', 'hash', ''], rows),
    '',
    ...(strays.length === 0 ? [] : [`Columns that no contract names were found: ${strays.join(', ')}`]),
    verdict === 'equal'
      ? 'Equal: the source, the general database and the subscriber hold the same rows, and the subscriber holds no column that its contract does not name.'
      : 'Different: what the source holds is not what arrived. The logs of agents and consumers say why.',
  ];
}

/** The beginning of the hash, or of both where they differ. */
function hashes(source: string, there: string): string {
  return source === there ? source.slice(0, digits) : `${source.slice(0, digits)} / ${there.slice(0, digits)}`;
}

function count(rows: number): string {
  return rows.toLocaleString('en-US');
}
