import { readAvroSchema, versionIncompatibilities } from '@truc/avro';
import { checkSubjectSchema, type DictionaryContent, type DictionaryRelease, type SchemaViolation } from '@truc/dictionary';
import { type Language, TrucError, messageOf } from '@truc/kernel';
import { compilePolicy } from './compile-policy.js';
import { releaseOf } from './dictionary-content.js';
import { releaseOfProposal, type ProposalGround } from './dictionary-proposal.js';
import type { Document } from './documents/document.js';
import type { Problem } from './documents/problem.js';
import type { DatasetPolicy, PolicyEntry } from './policy.js';

/** A schema that is registered now and would not stand under another release. */
export interface SubjectBreak {
  readonly subject: string;
  readonly dataset: string;
  /** Whose it is: the dataset's owner. */
  readonly agency: string;
  /** Contracts whose view it is; none of a dataset's own subject. */
  readonly contracts: readonly string[];
  /** Rules D that the schema as it is registered breaks. */
  readonly violations: readonly SchemaViolation[];
  /** Why the registry would refuse the schema that the release makes of it: what the log holds could not be read any more. */
  readonly incompatibilities: readonly string[];
}

/** What a proposed release breaks before any row is looked at. */
export interface ReleaseTrial {
  /** Number that the release would have; null where the changes make no release at all. */
  readonly release: number | null;
  /** Entries, mappings and contracts that do not stand, each at its entry or document; as an approval would refuse them. */
  readonly problems: readonly Problem[];
  readonly subjects: readonly SubjectBreak[];
}

type ViewEntry = Extract<PolicyEntry, { kind: 'view' }>;

/** Tries the changes of a proposal on everything that was applied: releases, mappings, contracts, and every schema of a dataset or view. Nothing is written. */
export function tryRelease(changes: DictionaryContent, ground: ProposalGround, language: Language = 'en'): ReleaseTrial {
  const { next, problems } = releaseOfProposal(changes, ground, language);
  if (next === null) return { release: null, problems, subjects: [] };
  return {
    release: next.release.number,
    problems,
    subjects: subjectBreaks(ground.documents, releaseOf(ground.current), next.release, language),
  };
}

function subjectBreaks(
  documents: readonly Document[],
  now: DictionaryRelease,
  next: DictionaryRelease,
  language: Language,
): SubjectBreak[] {
  const before = entriesOf(documents, now);
  const after = new Map(
    compiled(documents, next).flatMap((entry) => (hasSchema(entry) ? [[entry.topic, entry.valueSchema] as const] : [])),
  );
  const datasets = new Map(before.flatMap((entry) => (entry.kind === 'dataset' ? [[entry.name, entry] as const] : [])));
  return before.flatMap((entry): SubjectBreak[] => {
    if (!hasSchema(entry)) return [];
    const dataset = datasets.get(entry.kind === 'view' ? entry.dataset : entry.name);
    if (dataset === undefined) return [];
    const subject = `${entry.topic}-value`;
    const view = entry.kind === 'view' ? { ...entry, agency: dataset.agency, dataset: dataset.name } : null;
    const registered = readAvroSchema(withoutVersions(entry.valueSchema));
    const previousVersions = registered.schema === null ? [] : [registered.schema];
    const { violations } = checkSubjectSchema({
      subject,
      keyOrValue: 'value',
      schema: registered,
      release: next,
      dataset,
      view,
      caller: null,
      previousVersions,
      language,
    });
    const incompatibilities = incompatibleWith(entry.valueSchema, after.get(entry.topic) ?? null);
    if (violations.length + incompatibilities.length === 0) return [];
    const contracts = before.flatMap((other) =>
      other.kind === 'contract' && entry.kind === 'view' && other.viewId === entry.id ? [other.name] : [],
    );
    return [{ subject, dataset: dataset.name, agency: dataset.agency, contracts, violations, incompatibilities }];
  });
}

/** A schema that is registered stays what it is when an element gets a new version; the next one names that. What counts here is whether its fields would still do. */
function withoutVersions(schema: string): string {
  return schema.replaceAll(/("dictionaryElement"\s*:\s*"[^"@]*)@[^"]*"/g, '$1"');
}

function hasSchema(entry: PolicyEntry): entry is DatasetPolicy | ViewEntry {
  return entry.kind === 'dataset' || entry.kind === 'view';
}

function entriesOf(documents: readonly Document[], release: DictionaryRelease): PolicyEntry[] {
  const { common, byAgency } = compilePolicy(documents, release);
  const entries = [...common, ...[...byAgency.values()].flat()];
  // Agencies with one scope share a view.
  const views = new Map(entries.flatMap((entry) => (entry.kind === 'view' ? [[entry.id, entry] as const] : [])));
  return [...entries.filter(({ kind }) => kind !== 'view'), ...views.values()];
}

/** Nothing where the documents do not compile at all: their problems say why. */
function compiled(documents: readonly Document[], release: DictionaryRelease): PolicyEntry[] {
  try {
    return entriesOf(documents, release);
  } catch (error) {
    if (error instanceof TrucError) return [];
    throw error;
  }
}

/** Beyond so many reasons of one schema the rest says nothing new. */
const reasonsMax = 20;

function incompatibleWith(registered: string, next: string | null): string[] {
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
