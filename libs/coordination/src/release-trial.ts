import { readAvroSchema } from '@truc/avro';
import { checkSubjectSchema, type DictionaryContent, type DictionaryRelease, type SchemaViolation } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { compiledEntries, hasSchema, incompatibilities, valueSchemas } from './dataset-schemas.js';
import { releaseOf } from './dictionary-content.js';
import { releaseOfProposal, type ProposalGround } from './dictionary-proposal.js';
import type { Document } from './documents/document.js';
import type { Problem } from './documents/problem.js';

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
  const before = compiledEntries(documents, now);
  const after = valueSchemas(documents, next);
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
    const reasons = incompatibilities(entry.valueSchema, after.get(entry.topic) ?? null);
    if (violations.length + reasons.length === 0) return [];
    const contracts = before.flatMap((other) =>
      other.kind === 'contract' && entry.kind === 'view' && other.viewId === entry.id ? [other.name] : [],
    );
    return [{ subject, dataset: dataset.name, agency: dataset.agency, contracts, violations, incompatibilities: reasons }];
  });
}

/** A schema that is registered stays what it is when an element gets a new version; the next one names that. What counts here is whether its fields would still do. */
function withoutVersions(schema: string): string {
  return schema.replaceAll(/("dictionaryElement"\s*:\s*"[^"@]*)@[^"]*"/g, '$1"');
}
