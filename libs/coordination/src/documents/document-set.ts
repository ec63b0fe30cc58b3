import { datasetOf, type Document, type SourceDocument, type TableDocument } from './document.js';
import type { Place } from './problem.js';
import type { Path } from './yaml-text.js';

/** A document together with where its parts stand in the file that it came from. */
export type PlacedDocument<D extends Document = Document> = D & {
  readonly place: (path: Path, of?: 'key' | 'value') => Place;
  /** True where it was applied earlier and is not among the files at hand. */
  readonly isStored: boolean;
};

type Of<K extends Document['kind']> = PlacedDocument<Extract<Document, { kind: K }>>;

/** A table that is published, with the source it lies in and its index there. */
export interface PublishedTable {
  readonly source: Of<'source'>;
  readonly table: TableDocument;
  readonly index: number;
  readonly dataset: string;
}

/** Everything that holds after an apply: what was applied earlier, with what is at hand in its place. */
export interface DocumentSet {
  readonly agencies: ReadonlyMap<string, Of<'agency'>>;
  readonly datasets: ReadonlyMap<string, Of<'dataset'>>;
  readonly sources: ReadonlyMap<string, Of<'source'>>;
  readonly contracts: ReadonlyMap<string, Of<'contract'>>;
  /** Published tables by dataset; the first where two claim it. */
  readonly tables: ReadonlyMap<string, PublishedTable>;
}

/** A document that was applied earlier has no file: its place names it. */
export function storedDocument(document: Document): PlacedDocument {
  const place = appliedPlace(document.kind, document.name);
  return { ...document, place: () => place, isStored: true };
}

export function appliedPlace(kind: Document['kind'], name: string): Place {
  return { file: `(applied ${kind} ${name})`, line: 1, column: 1 };
}

/** `file:line:column` of the document, for people. */
export function placeText({ place }: PlacedDocument): string {
  const { file, line, column } = place([]);
  return `${file}:${line}:${column}`;
}

export function documentSet(documents: Iterable<PlacedDocument>): DocumentSet {
  const agencies = new Map<string, Of<'agency'>>();
  const datasets = new Map<string, Of<'dataset'>>();
  const sources = new Map<string, Of<'source'>>();
  const contracts = new Map<string, Of<'contract'>>();
  for (const document of documents) {
    switch (document.kind) {
      case 'agency':
        agencies.set(document.name, document);
        break;
      case 'dataset':
        datasets.set(document.name, document);
        break;
      case 'source':
        sources.set(document.name, document);
        break;
      case 'contract':
        contracts.set(document.name, document);
        break;
    }
  }
  const tables = new Map<string, PublishedTable>();
  for (const source of sources.values()) {
    for (const { table, index } of publishedTables(source.body)) {
      const dataset = datasetOf(source.body, table);
      if (!tables.has(dataset)) tables.set(dataset, { source, table, index, dataset });
    }
  }
  return { agencies, datasets, sources, contracts, tables };
}

/** A table with `publish: false` is left out of everything; it stays in the document for its reader. */
export function publishedTables({ tables }: SourceDocument): { table: TableDocument; index: number }[] {
  return tables.map((table, index) => ({ table, index })).filter(({ table }) => table.publish);
}

/** The elements that a table publishes: those of its columns, and its code element. */
export function elementsOf(table: TableDocument): string[] {
  const mapped = table.columns.flatMap(({ element }) => (element === null ? [] : [element]));
  return [...new Set([...mapped, table.identification.element])];
}
