import { checkSubject, type Scopes, type SubjectState } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { outcomeOf, type Outcome } from './change-batches.js';
import { meantSubject } from './meant-subject.js';
import { loadVersions, reachingNames, scopesAmong, settingsByName, type SettingsOfName, type StoredVersion } from './schema-reads.js';

/** Bytes of the versions that are looked at together, whatever the first subject has: all of them are in memory at once. */
const bytesMax = 512 * 1024;
/** What a version takes beside its texts. */
const versionBytes = 2 * 1024;

/** A subject as it is kept. */
export interface StoredState extends SubjectState {
  readonly versions: readonly StoredVersion[];
}

/**
 * The subjects that names stand for, in the order of the names: of the first ones, as long as no subject is there twice and they have no more than half a mebibyte together.
 * @param names as `checkSubject` gives them
 */
export async function loadStates(manager: EntityManager, names: readonly string[]): Promise<Outcome<StoredState>[]> {
  const own = await loadOutlines(manager, names);
  const meant = await Promise.all(names.map((name) => outcomeOf(() => checkSubject(meantSubject(name, own.scopesOf(name))))));
  const isAliased = meant.some((outcome, place) => 'done' in outcome && outcome.done !== names[place]);
  const subjects = meant.flatMap((outcome) => ('done' in outcome ? [outcome.done] : []));
  const { scopesOf, bytesOf } = isAliased ? await loadOutlines(manager, subjects) : own;
  const taken = firstOnes(meant, bytesOf);
  const filled = taken.flatMap((outcome) => ('done' in outcome && bytesOf(outcome.done) > 0 ? [outcome.done] : []));
  const versions = filled.length === 0 ? new Map<string, StoredVersion[]>() : await loadVersions(manager, filled);
  return taken.map((outcome) =>
    'refused' in outcome
      ? outcome
      : { done: { subject: outcome.done, versions: versions.get(outcome.done) ?? [], scopes: scopesOf(outcome.done) } },
  );
}

function firstOnes(meant: readonly Outcome<string>[], bytesOf: (subject: string) => number): readonly Outcome<string>[] {
  const seen = new Set<string>();
  let bytes = 0;
  const end = meant.findIndex((outcome, place) => {
    if ('refused' in outcome) return false;
    bytes += bytesOf(outcome.done);
    if (place > 0 && (seen.has(outcome.done) || bytes > bytesMax)) return true;
    seen.add(outcome.done);
    return false;
  });
  return end === -1 ? meant : meant.slice(0, end);
}

interface Outlines {
  scopesOf(subject: string): Scopes;
  /** Of its versions, about. */
  bytesOf(subject: string): number;
}

/** What was set for subjects, and how much there is of them: one question, because all other changes wait for it. */
async function loadOutlines(manager: EntityManager, subjects: readonly string[]): Promise<Outlines> {
  const rows = await manager.query<(SettingsOfName & { readonly bytes: string | null })[]>(
    `SELECT subject, config, mode, NULL::bigint AS bytes FROM registry.subject_settings WHERE subject = ANY ($1)
     UNION ALL
     SELECT v.subject, NULL, NULL, sum(octet_length(s.text) + octet_length(s.normalised)
       + coalesce(octet_length(s.metadata::text), 0) + coalesce(octet_length(s.rule_set::text), 0) + $3)
     FROM registry.subject_version v JOIN registry.schema s ON s.context = v.context AND s.id = v.schema_id WHERE v.subject = ANY ($2) GROUP BY v.subject`,
    [reachingNames(subjects), subjects, versionBytes],
  );
  const settings = settingsByName(rows.filter(({ bytes }) => bytes === null));
  const sizes = new Map(rows.flatMap(({ subject, bytes }) => (bytes === null ? [] : [[subject, Number(bytes)] as const])));
  return { scopesOf: (subject) => scopesAmong(settings, subject), bytesOf: (subject) => sizes.get(subject) ?? 0 };
}
