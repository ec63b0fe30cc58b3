import { readAvroSchema, versionIncompatibilities } from '@truc/avro';
import type { DictionaryRelease } from '@truc/dictionary';
import { messageOf, TrucError } from '@truc/kernel';
import { compilePolicy } from './compile-policy.js';
import type { Document } from './documents/document.js';
import type { DatasetPolicy, PolicyEntry } from './policy.js';

type ViewEntry = Extract<PolicyEntry, { kind: 'view' }>;

/** Everything that documents compile to under a release, each view once: agencies with one scope share it. */
export function compiledEntries(documents: readonly Document[], release: DictionaryRelease): PolicyEntry[] {
  const { common, byAgency } = compilePolicy(documents, release);
  const entries = [...common, ...[...byAgency.values()].flat()];
  const views = new Map(entries.flatMap((entry) => (entry.kind === 'view' ? [[entry.id, entry] as const] : [])));
  return [...entries.filter(({ kind }) => kind !== 'view'), ...views.values()];
}

export function hasSchema(entry: PolicyEntry): entry is DatasetPolicy | ViewEntry {
  return entry.kind === 'dataset' || entry.kind === 'view';
}

/** Value schemas by topic. */
export function valueSchemas(documents: readonly Document[], release: DictionaryRelease): ReadonlyMap<string, string> {
  const entries = compiledOrNone(documents, release).filter(hasSchema);
  return new Map(entries.map(({ topic, valueSchema }) => [topic, valueSchema]));
}

/** Nothing where the documents do not compile at all: their problems say why. */
function compiledOrNone(documents: readonly Document[], release: DictionaryRelease): PolicyEntry[] {
  try {
    return compiledEntries(documents, release);
  } catch (error) {
    if (error instanceof TrucError) return [];
    throw error;
  }
}

/** A dataset whose next schema the registry would refuse. */
export interface BrokenDataset {
  readonly dataset: string;
  readonly topic: string;
  readonly reasons: readonly string[];
}

/** Datasets that could not go on under the next release: what their log holds, and what the new schema writes, could not be read by each other's schema (D11). */
export function brokenDatasets(
  documents: readonly Document[],
  { old, next }: { readonly old: DictionaryRelease; readonly next: DictionaryRelease },
): BrokenDataset[] {
  const after = valueSchemas(documents, next);
  return compiledOrNone(documents, old).flatMap((entry): BrokenDataset[] => {
    if (entry.kind !== 'dataset') return [];
    const reasons = incompatibilities(entry.valueSchema, after.get(entry.topic) ?? null);
    return reasons.length === 0 ? [] : [{ dataset: entry.name, topic: entry.topic, reasons }];
  });
}

/** Beyond so many reasons of one schema the rest says nothing new. */
const reasonsMax = 20;

/** Why the registry would not take the next schema of a topic after the one that it has. */
export function incompatibilities(registered: string, next: string | null): string[] {
  if (next === null || next === registered) return [];
  const [old, wanted] = [readAvroSchema(registered).schema, readAvroSchema(next).schema];
  if (old === null || wanted === null) return [];
  try {
    const found = versionIncompatibilities('FULL_TRANSITIVE', wanted, [old]);
    return found
      .slice(0, reasonsMax)
      .map(({ path, message, direction }) => `${direction === 'new-reads-old' ? '' : 'older readers: '}${path}: ${message}`);
  } catch (error) {
    return [messageOf(error)];
  }
}
