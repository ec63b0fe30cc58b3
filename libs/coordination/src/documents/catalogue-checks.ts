import { publishedTables, type DocumentSet } from './document-set.js';
import { datasetOf } from './document.js';
import { nearestName } from './nearest-name.js';
import type { Place, ProblemList } from './problem.js';

/** `"x"? ` to stand in front of a hint, or nothing. */
export function suggestion(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `"${nearest}"? `;
}

/** Every agency that a document names is known. */
export function checkAgencies(set: DocumentSet, problems: ProblemList): void {
  const known = (code: string, place: Place): void => {
    if (set.agencies.has(code)) return;
    problems.add(place, 'DOCUMENT_AGENCY_UNKNOWN', { name: code, nearest: suggestion(code, set.agencies.keys()) });
  };
  for (const { body, place } of set.datasets.values()) known(body.dataset.agency, place(['dataset', 'agency']));
  for (const { body, place } of set.sources.values()) known(body.source.agency, place(['source', 'agency']));
  for (const { body, place } of set.contracts.values()) known(body.contract.consumer, place(['contract', 'consumer']));
}

/**
 * Each published table has its dataset, of its own agency, for itself alone, and no other; a generation never goes back.
 * @param before what was applied earlier
 */
export function checkDatasets(set: DocumentSet, before: DocumentSet, problems: ProblemList): void {
  for (const source of set.sources.values()) {
    const datasets = new Map<string, string>();
    for (const { table, index } of publishedTables(source.body)) {
      const name = datasetOf(source.body, table);
      const other = datasets.get(table.table);
      if (other === undefined) datasets.set(table.table, name);
      else
        problems.add(source.place(['tables', index, 'table']), 'MAPPING_TABLE_TWICE', { table: table.table, first: other, second: name });
      const place = source.place(['tables', index, 'subject']);
      const dataset = set.datasets.get(name)?.body.dataset;
      const { agency } = source.body.source;
      if (dataset === undefined) problems.add(place, 'DOCUMENT_DATASET_UNKNOWN', { name, nearest: suggestion(name, set.datasets.keys()) });
      else if (dataset.agency !== agency) problems.add(place, 'DOCUMENT_DATASET_AGENCY', { name, owner: dataset.agency, agency });
      const first = set.tables.get(name);
      if (first !== undefined && first.table !== table) {
        problems.add(place, 'DOCUMENT_DATASET_TWICE', { name, first: first.table.table, table: table.table });
      }
    }
  }
  for (const { name, body, place } of set.datasets.values()) {
    const old = before.datasets.get(name)?.body.dataset;
    if (old === undefined) continue;
    const { generation } = body.dataset;
    if (generation < old.generation) {
      const values = { name, current: String(old.generation), found: String(generation) };
      problems.add(place(['dataset', 'generation']), 'DOCUMENT_GENERATION', values);
    }
  }
}
