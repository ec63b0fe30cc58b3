import { isMasterKeyOrRefersToOne, schemeOfElement, type DataElement, type DictionaryRelease } from '@truc/dictionary';
import { messageIn } from '@truc/kernel';
import { compileTable as compileMapping, compileTransform } from '@truc/mapping';
import { codeCasesOf } from '../code-cases.js';
import { elementNames, hasAuthority, namedElement } from '../dictionary-facts.js';
import { compileTable, protectionOf } from '../table-compilation.js';
import { suggestion } from './catalogue-checks.js';
import { elementsOf, publishedTables, type DocumentSet, type PublishedTable } from './document-set.js';
import { datasetOf, type ColumnDocument } from './document.js';
import { checkCodePath } from './code-checks.js';
import { primaryKeySql } from './mending-sql.js';
import type { Place, ProblemList } from './problem.js';
import type { Path } from './yaml-text.js';

/** One published table while it is judged. */
interface JudgedTable extends PublishedTable {
  readonly release: DictionaryRelease;
  /** Elements that the dataset had already: deprecation does not refuse those (D9). */
  readonly elementsBefore: ReadonlySet<string>;
  readonly problems: ProblemList;
  /** False of a table that was applied earlier and is not what is judged: rules that came later do not refuse it. */
  readonly isAtHand: boolean;
  place(...path: Path): Place;
}

/** Rules D1, D5, D7, D8 and D9 on every published table, and what a table needs to be captured at all. */
export function checkMappings(
  set: DocumentSet,
  before: DocumentSet,
  { release, judgesStored }: { readonly release: DictionaryRelease | null; readonly judgesStored: boolean },
  problems: ProblemList,
): void {
  for (const source of set.sources.values()) {
    const published = publishedTables(source.body);
    if (release === null) {
      if (published.length > 0) problems.add(source.place(['source']), 'DOCUMENT_NO_DICTIONARY');
      continue;
    }
    for (const { table, index } of published) {
      const dataset = datasetOf(source.body, table);
      const old = before.tables.get(dataset);
      const place = (...path: Path): Place => source.place(['tables', index, ...path]);
      const elementsBefore = new Set(old === undefined ? [] : elementsOf(old.table));
      const isAtHand = judgesStored || !source.isStored;
      checkTable({ source, table, index, dataset, release, elementsBefore, problems, isAtHand, place });
    }
  }
  if (release !== null) checkPartitions(set, release, problems);
}

function checkTable(judged: JudgedTable): void {
  const { table, problems, place, release } = judged;
  if (table.primaryKey.length === 0) {
    problems.add(place('primaryKey'), 'MAPPING_NO_PRIMARY_KEY', { table: table.table, sql: primaryKeySql(table.table) });
  }
  const { element, transform } = table.identification;
  const before = problems.count;
  checkTransform(judged, transform, ['identification', 'transform'], table.identification.column);
  checkCodePath(judged);

  const code = namedElement(release, element);
  const codePlace = place('identification', 'element');
  const isMapped = table.columns.some((column) => column.element === element);
  if (code === null) problems.add(codePlace, 'MAPPING_ELEMENT_UNKNOWN', { element, nearest: suggestion(element, elementNames(release)) });
  else {
    if (!isMasterKeyOrRefersToOne(code, release)) problems.add(codePlace, 'MAPPING_CODE_ELEMENT', { element, table: table.table });
    // Where a column maps it too, the column is the place to tell it.
    if (!isMapped) checkElementState(judged, code, codePlace);
  }

  const first = new Map<string, Place>();
  for (const [index, column] of table.columns.entries()) {
    if (column.element !== null) checkColumn(judged, column, column.element, index, first);
  }
  if (judged.isAtHand && problems.count === before) checkWhole(judged);
}

/** Whatever only the whole mapping tells: it is compiled as the agent will compile it. */
function checkWhole({ table, source, dataset, release, problems, place }: JudgedTable): void {
  const code = namedElement(release, table.identification.element);
  if (code === null || table.primaryKey.length === 0) return;
  try {
    const compiled = compileTable(table, dataset, source.body.source.agency, release);
    compileMapping(compiled.table, { ...compiled, scheme: schemeOfElement(code) }, release);
  } catch (error) {
    problems.add(place('table'), 'MAPPING_TRANSFORM', { reason: messageIn(error, problems.language) });
  }
}

function checkColumn(judged: JudgedTable, column: ColumnDocument, element: string, index: number, first: Map<string, Place>): void {
  const { table, problems, place, release, source, dataset } = judged;
  const elementPlace = place('columns', index, 'element');
  checkTransform(judged, column.transform, ['columns', index, 'transform'], column.column);
  const earlier = first.get(element);
  if (earlier !== undefined) {
    const values = { element, table: table.table, first: `${earlier.file}:${earlier.line}:${earlier.column}` };
    problems.add(elementPlace, 'MAPPING_ELEMENT_TWICE', values);
    return;
  }
  first.set(element, elementPlace);
  const known = namedElement(release, element);
  if (known === null) {
    if (element !== table.identification.element) {
      problems.add(elementPlace, 'MAPPING_ELEMENT_UNKNOWN', { element, nearest: suggestion(element, elementNames(release)) });
    }
    return;
  }
  if (element === table.identification.element && column.required === false) {
    problems.add(place('columns', index, 'required'), 'MAPPING_KEY_REQUIRED', { element });
  }
  if (!checkElementState(judged, known, elementPlace)) return;
  const { agency } = source.body.source;
  if (!column.reference && !hasAuthority(known, agency, dataset)) {
    problems.add(elementPlace, 'MAPPING_AUTHORITY', { element, authority: known.authoritativeSource, agency });
  }
  if (known.classification === 'sensitive-personal' && protectionOf(column, known) === 'none') {
    problems.add(elementPlace, 'MAPPING_PROTECTION', { element });
  }
}

/** False where the element may not be published at all, so that nothing more need be said of it. */
function checkElementState({ problems, elementsBefore }: JudgedTable, element: DataElement, place: Place): boolean {
  const { urn: id, status, classification, supersededBy } = element;
  if (classification === 'state-secret') {
    problems.add(place, 'MAPPING_STATE_SECRET', { element: id });
    return false;
  }
  if (status === 'proposed' || status === 'retired') {
    problems.add(place, 'MAPPING_ELEMENT_STATUS', { element: id, status });
    return false;
  }
  if (status === 'deprecated' && !elementsBefore.has(id)) {
    problems.add(place, 'MAPPING_DEPRECATED', { element: id, successor: supersededBy === null ? '' : ` (-> ${supersededBy})` });
    return false;
  }
  return true;
}

function checkTransform({ table, problems, place }: JudgedTable, transform: unknown, path: Path, column: string): void {
  try {
    compileTransform(transform, column, `${table.table}.${column}`);
  } catch (error) {
    problems.add(place(...path), 'MAPPING_TRANSFORM', { reason: messageIn(error, problems.language) });
  }
}

/** Datasets of one scheme have the same number of partitions: one code is then in the same partition of each. */
function checkPartitions(set: DocumentSet, release: DictionaryRelease, problems: ProblemList): void {
  const first = new Map<string, { name: string; partitions: number }>();
  for (const { dataset: name, table } of set.tables.values()) {
    const dataset = set.datasets.get(name);
    const code = namedElement(release, table.identification.element);
    if (dataset === undefined || code === null) continue;
    const { partitions } = dataset.body.dataset;
    const schemes = new Set([schemeOfElement(code), ...codeCasesOf(table, release).cases.map(({ scheme }) => scheme)]);
    for (const scheme of schemes) {
      const other = first.get(scheme);
      if (other === undefined) first.set(scheme, { name, partitions });
      else if (other.partitions !== partitions) {
        const values = { name, scheme, other: other.name, found: String(partitions), current: String(other.partitions) };
        problems.add(dataset.place(['dataset', 'partitions']), 'DOCUMENT_PARTITIONS', values);
        break;
      }
    }
  }
}
