import { isDeepStrictEqual } from 'node:util';
import { schemeOfElement, type DictionaryRelease } from '@truc/dictionary';
import { codeCasesOf } from '../code-cases.js';
import { namedElement } from '../dictionary-facts.js';
import { protectionOf } from '../table-compilation.js';
import type { DocumentSet, PlacedDocument, PublishedTable } from './document-set.js';
import type { TableDocument } from './document.js';
import type { Place, ProblemList } from './problem.js';
import type { Path } from './yaml-text.js';

/**
 * Refuses every change that would be true only for rows that change afterwards: targets are not loaded anew. A table's mapping, a dataset's generation and partitions, and a
 * contract's scope and target stay what they were when they were first applied. Titles, purposes, legal bases, days, roles, remarks and columns that are not
 * published may change, and documents may come.
 * @param before what was applied earlier
 */
export function checkLoaded(set: DocumentSet, before: DocumentSet, release: DictionaryRelease | null, problems: ProblemList): void {
  for (const old of before.tables.values()) checkLoadedTable(set, old, release, problems);
  for (const { name, body } of before.datasets.values()) {
    const now = set.datasets.get(name);
    if (now === undefined || !before.tables.has(name)) continue;
    const { generation, partitions } = body.dataset;
    const found = now.body.dataset;
    if (found.generation > generation) {
      const values = { name, current: String(generation), found: String(found.generation), database: databaseOf(name) };
      problems.add(now.place(['dataset', 'generation']), 'DATASET_LOADED_GENERATION', values);
    }
    if (found.partitions !== partitions) {
      const values = { name, current: String(partitions), found: String(found.partitions) };
      problems.add(now.place(['dataset', 'partitions']), 'DOCUMENT_PARTITIONS_CHANGED', values);
    }
  }
  for (const old of before.contracts.values()) {
    const now = set.contracts.get(old.name);
    if (now !== undefined && !now.isStored) checkLoadedContract(old, now, problems);
  }
}

/** Refuses a release of the dictionary under which rows of a loaded dataset would be keyed by another scheme, or by another element. @param placeOf where the release defines an element */
export function checkLoadedSchemes(
  before: DocumentSet,
  releases: { readonly old: DictionaryRelease; readonly next: DictionaryRelease },
  placeOf: (element: string) => Place,
  problems: ProblemList,
): void {
  for (const { dataset, table } of before.tables.values()) {
    const [current, found] = [codeSchemesOf(table, releases.old), codeSchemesOf(table, releases.next)];
    for (const element of new Set([...current.keys(), ...found.keys()])) {
      const [before, after] = [current.get(element), found.get(element)];
      if (before === after) continue;
      if (before === undefined || after === undefined) {
        // The identification's own is told where its mapping is judged.
        if (element === table.identification.element) continue;
        problems.add(placeOf(element), 'MAPPING_LOADED_CODE', { dataset, element });
      } else problems.add(placeOf(element), 'MAPPING_LOADED_SCHEME', { dataset, element, current: before, found: after });
    }
  }
}

/** Schemes of the codes that rows of a table may have, by element. */
function codeSchemesOf(table: TableDocument, release: DictionaryRelease): Map<string, string> {
  const schemes = new Map(codeCasesOf(table, release).cases.map(({ element, scheme }) => [element, scheme]));
  const own = namedElement(release, table.identification.element);
  if (own !== null) schemes.set(table.identification.element, schemeOfElement(own));
  return schemes;
}

function checkLoadedTable(set: DocumentSet, old: PublishedTable, release: DictionaryRelease | null, problems: ProblemList): void {
  const { dataset } = old;
  const now = set.tables.get(dataset);
  const database = databaseOf(dataset);
  if (now === undefined) {
    const source = set.sources.get(old.source.name);
    const index = source?.body.tables.findIndex(({ subject }) => subject === old.table.subject) ?? -1;
    const place = index === -1 ? source?.place(['tables'], 'key') : source?.place(['tables', index, 'publish']);
    if (place !== undefined) problems.add(place, 'MAPPING_LOADED_WITHDRAWN', { dataset, table: old.table.table });
    return;
  }
  if (now.source.isStored) return;
  const place = (...path: Path): Place => now.source.place(['tables', now.index, ...path]);
  const compare = (at: Place, field: string, current: unknown, found: unknown): void => {
    if (isDeepStrictEqual(plain(current), plain(found))) return;
    problems.add(at, 'MAPPING_LOADED_CHANGED', { dataset, field, current: shown(current), found: shown(found), database });
  };
  compare(now.source.place(['source']), 'source', old.source.name, now.source.name);
  compare(place('table'), 'table', old.table.table, now.table.table);
  compare(place('primaryKey'), 'primaryKey', old.table.primaryKey, now.table.primaryKey);
  for (const field of ['column', 'element', 'via', 'transform'] as const) {
    compare(place('identification', field), `identification.${field}`, old.table.identification[field], now.table.identification[field]);
  }
  compare(place('referenceDate'), 'referenceDate', old.table.referenceDate, now.table.referenceDate);

  const [fieldsBefore, fields] = [fieldsOf(old.table, release), fieldsOf(now.table, release)];
  for (const [element, { path, facts }] of fields) {
    const earlier = fieldsBefore.get(element)?.facts;
    if (earlier === undefined) {
      problems.add(place(...path, 'element'), 'MAPPING_LOADED_ADDED', { dataset, element, database });
      continue;
    }
    // What the identification implies was compared with it.
    if (path[0] !== 'columns') continue;
    for (const fact of ['column', 'transform', 'protection', 'required'] as const) {
      compare(place(...path, fact), fact, earlier[fact], facts[fact]);
    }
  }
  for (const element of fieldsBefore.keys()) {
    if (!fields.has(element)) problems.add(place('columns'), 'MAPPING_LOADED_REMOVED', { dataset, element, database });
  }
}

interface LoadedField {
  readonly path: Path;
  /** Everything about a field that its values depend on. Its role does not belong to it. */
  readonly facts: { readonly column: string; readonly transform: unknown; readonly protection: string; readonly required: boolean };
}

/** What a table fills, by element; the first column where two claim an element. */
function fieldsOf({ columns, identification }: TableDocument, release: DictionaryRelease | null): Map<string, LoadedField> {
  const fields = new Map<string, LoadedField>();
  for (const [index, entry] of columns.entries()) {
    const { element, column, transform, required } = entry;
    if (element === null || fields.has(element)) continue;
    const protection = protectionOf(entry, release === null ? null : namedElement(release, element));
    const isRequired = element === identification.element || (required ?? false);
    fields.set(element, { path: ['columns', index], facts: { column, transform, protection, required: isRequired } });
  }
  if (!fields.has(identification.element)) {
    const { column, transform } = identification;
    fields.set(identification.element, { path: ['identification'], facts: { column, transform, protection: 'none', required: true } });
  }
  return fields;
}

type PlacedContract = Extract<PlacedDocument, { kind: 'contract' }>;

function checkLoadedContract(old: PlacedContract, now: PlacedContract, problems: ProblemList): void {
  const { name, place } = now;
  const [current, found] = [old.body.contract, now.body.contract];
  const compare = (path: Path, field: string, before: string, after: string): void => {
    if (before !== after)
      problems.add(place(['contract', ...path]), 'CONTRACT_LOADED_CHANGED', { name, field, current: before, found: after });
  };
  compare(['consumer'], 'consumer', current.consumer, found.consumer);
  compare(['dataset'], 'dataset', current.dataset, found.dataset);
  compare(['target', 'database'], 'target.database', current.target.database, found.target.database);
  if (current.target.table !== found.target.table) {
    const values = { name, current: current.target.table, found: found.target.table };
    problems.add(place(['contract', 'target', 'table']), 'CONTRACT_LOADED_TABLE', values);
  }
  for (const [index, element] of found.elements.entries()) {
    if (!current.elements.includes(element)) {
      problems.add(place(['contract', 'elements', index]), 'CONTRACT_LOADED_ADDED', { name, element });
    }
  }
  for (const element of current.elements.filter((named) => found.elements.includes(named))) {
    const [before, after] = [current.masks?.[element], found.masks?.[element]].map((mask) => mask ?? '-') as [string, string];
    const path = found.masks?.[element] === undefined ? ['elements', found.elements.indexOf(element)] : ['masks', element];
    compare(path, `masks.${element}`, before, after);
  }
  for (const element of current.elements) {
    if (!found.elements.includes(element))
      problems.add(place(['contract', 'elements'], 'key'), 'CONTRACT_LOADED_REMOVED', { name, element });
  }
}

/** `population.resident` is of the database `population`. */
function databaseOf(dataset: string): string {
  return dataset.slice(0, dataset.indexOf('.'));
}

/** As it comes back from the store: what is not there is null, the order of keys does not matter. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
