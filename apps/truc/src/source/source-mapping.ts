import { resolve } from 'node:path';
import {
  compilePolicy,
  dictionaryFiles,
  documentOf,
  parseDocuments,
  sourceName,
  type Document,
  type DocumentFile,
  type DatasetPolicy,
  type Problem,
  type SourceDocument,
} from '@truc/coordination';
import type { DictionaryRelease } from '@truc/dictionary';
import { type Language, TrucError } from '@truc/kernel';
import { compileTable, type CompiledTable, type TablePolicy } from '@truc/mapping';
import type { PlannedTable } from '@truc/source-survey';
import { parseAllDocuments } from 'yaml';
import { documentFiles } from '../document-files.js';

/** A published table with its dataset, as an agent gets them. */
export interface MappedTable {
  readonly policy: TablePolicy;
  readonly dataset: DatasetPolicy;
  readonly compiled: CompiledTable;
}

/** One source as documents describe it. */
export interface SourceMapping {
  /** `G01/population`; where nothing can be read of the documents, as it was asked for. */
  readonly name: string;
  readonly database: string | null;
  readonly agency: string | null;
  /** What is wrong with the documents; then there are no tables. */
  readonly problems: readonly Problem[];
  readonly tables: readonly PlannedTable[];
  readonly mapped: readonly MappedTable[];
  /** Tables that the mapping leaves out, and why. */
  readonly leftOut: readonly { readonly table: string; readonly reason: string | null }[];
}

/**
 * Reads documents and takes one source out of them. The documents of agencies, which are the platform's, need not be there.
 * @param wanted `G01/population` or `population`; null where there is only one
 * @throws TrucError SOURCE_UNKNOWN and those of documentFiles
 */
export function sourceMapping(
  path: string,
  wanted: string | null,
  release: DictionaryRelease,
  workingDirectory: string,
  language: Language,
): SourceMapping {
  return sourceMappingOf(documentFiles(resolve(workingDirectory, path), workingDirectory), wanted, path, { release, language });
}

export interface MappingReading {
  readonly release: DictionaryRelease;
  readonly language: Language;
  /** Datasets that no document describes are taken as the mapping implies them: one for each published table, with nothing chosen. */
  readonly impliesDatasets?: boolean;
}

/** As {@link sourceMapping}, of documents that were read. @param place where they come from, for people @throws TrucError SOURCE_UNKNOWN */
export function sourceMappingOf(
  files: readonly DocumentFile[],
  wanted: string | null,
  place: string,
  { release, language, impliesDatasets = false }: MappingReading,
): SourceMapping {
  const written = files.filter(({ path: file }) => /\.ya?ml$/i.test(file));
  const known = new Set<DocumentFile>(dictionaryFiles(written));
  const own = written.filter((file) => !known.has(file));
  const stored = [...agenciesNamedIn(own), ...(impliesDatasets ? impliedDatasets(own) : [])];
  const parsed = parseDocuments(own, { release, language, stored });
  if ('problems' in parsed)
    return { name: wanted ?? place, database: null, agency: null, problems: parsed.problems, tables: [], mapped: [], leftOut: [] };
  const sources = parsed.documents.filter((document) => document.kind === 'source').map(({ body }) => body);
  const found = sources.filter((body) => wanted === null || sourceName(body) === wanted || body.source.database === wanted);
  const [source] = found;
  if (source === undefined || found.length > 1) {
    const names = sources.map(sourceName).join(', ') || 'none';
    throw new TrucError('SOURCE_UNKNOWN', `${place} describes these sources: ${names}. Name one of them with --source`);
  }
  const described = new Set(parsed.documents.map(({ kind, name }) => `${kind} ${name}`));
  const documents = [...parsed.documents, ...stored.filter(({ kind, name }) => !described.has(`${kind} ${name}`))];
  const mapped = mappedTables(source, documents, release);
  return {
    name: sourceName(source),
    database: source.source.database,
    agency: source.source.agency,
    problems: [],
    tables: plannedTables(mapped),
    mapped,
    leftOut: source.tables.filter(({ publish }) => !publish).map(({ table, refused }) => ({ table, reason: refused ?? null })),
  };
}

/** Agencies are described at the platform, by its administrator; here it is enough that somebody names them. */
function agenciesNamedIn(files: readonly DocumentFile[]): Document[] {
  const codes = new Set<string>();
  for (const { text } of files) {
    for (const document of parseAllDocuments(text)) {
      for (const path of [
        ['source', 'agency'],
        ['dataset', 'agency'],
        ['contract', 'consumer'],
      ]) {
        const code = document.errors.length > 0 ? null : document.getIn(path);
        if (typeof code === 'string') codes.add(code);
      }
    }
  }
  return [...codes].flatMap((code) => {
    try {
      return [documentOf('agency', { agency: { code, name: { vi: code, en: code } } })];
    } catch {
      return [];
    }
  });
}

/** The datasets of a source's published tables, with nothing chosen. */
function impliedDatasets(files: readonly DocumentFile[]): Document[] {
  const found = new Map<string, Document>();
  for (const { text } of files) {
    for (const document of parseAllDocuments(text)) {
      if (document.errors.length > 0) continue;
      const { source, tables } = (document.toJS() ?? {}) as { source?: { agency?: unknown; database?: unknown }; tables?: unknown };
      for (const table of Array.isArray(tables) ? (tables as readonly { readonly subject?: unknown; readonly publish?: unknown }[]) : []) {
        if (table.publish !== true) continue;
        const name = `${String(source?.database)}.${String(table.subject)}`;
        try {
          found.set(name, documentOf('dataset', { dataset: { name, agency: source?.agency, title: { vi: name, en: name } } }));
        } catch {
          // What is no name of a dataset is told where the mapping is checked.
        }
      }
    }
  }
  return [...found.values()];
}

function mappedTables(source: SourceDocument, documents: readonly Document[], release: DictionaryRelease): MappedTable[] {
  const policy = compilePolicy(documents, release);
  const { agency, database } = source.source;
  const entry = policy.byAgency.get(agency)?.find((one) => one.kind === 'source' && one.database === database);
  if (entry?.kind !== 'source') return [];
  return entry.tables.flatMap((table): MappedTable[] => {
    const dataset = policy.common.find((one) => one.kind === 'dataset' && one.name === table.dataset);
    return dataset?.kind === 'dataset' ? [{ policy: table, dataset, compiled: compileTable(table, dataset, release) }] : [];
  });
}

/** What the mapping's tables read, their parents with them: a parent that is mapped itself is one table with what its children ask of it. */
function plannedTables(mapped: readonly MappedTable[]): PlannedTable[] {
  const compiled = mapped.map((table) => table.compiled);
  const planned = new Map<string, PlannedTable>();
  for (const { table, columns, primaryKey, identification } of compiled) {
    const pointing = identification.parent === null ? {} : { pointing: identification.parent.columns };
    planned.set(table, {
      table,
      columns,
      key: primaryKey,
      identity: union(primaryKey, identification.reads),
      isParent: false,
      ...pointing,
    });
  }
  for (const { identification } of compiled) {
    const { parent } = identification;
    if (parent === null) continue;
    const own = planned.get(parent.table) ?? { table: parent.table, columns: [], key: parent.key, identity: [], isParent: true };
    planned.set(parent.table, {
      ...own,
      columns: union(own.columns, [...parent.key, parent.code]),
      identity: union(own.identity, parent.key),
    });
  }
  return [...planned.values()];
}

function union(some: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...some, ...others])];
}
