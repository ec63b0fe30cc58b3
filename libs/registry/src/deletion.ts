import type { Language } from '@truc/kernel';
import { checkEnd, referenceExists } from './mode.js';
import { RegistryRefusal } from './refusal.js';
import { demandWritable, type Scopes } from './scope.js';
import type { SubjectRules } from './subject-rules.js';

/** What has to be known of a version to decide about its end. */
export interface DeletableVersion {
  readonly version: number;
  readonly isDeleted: boolean;
  /** Subjects with a version that refers to it and lives. */
  readonly referrers: readonly string[];
  /** The same of versions that were deleted softly. */
  readonly deletedReferrers: readonly string[];
}

export interface DeletionState {
  readonly subject: string;
  /** In order, soft-deleted ones included. */
  readonly versions: readonly DeletableVersion[];
  readonly scopes: Scopes;
}

/**
 * Versions that a deletion of the whole subject ends: softly those that live, for good (`permanent`) all, which must have been deleted softly before. Versions of the subject itself may refer to each other.
 * @throws RegistryRefusal in this order: subjectNotFound, subjectSoftDeleted, operationNotPermitted; by version: referenceExists, subjectNotSoftDeleted; invalidSchema with a violation of D11, dictionaryNotLoaded
 */
export function planSubjectDeletion(
  { subject, versions, scopes }: DeletionState,
  permanent: boolean,
  rules: SubjectRules | null,
  language: Language = 'en',
): number[] {
  const live = versions.filter(({ isDeleted }) => !isDeleted);
  if (versions.length === 0) throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
  if (!permanent && live.length === 0) {
    throw new RegistryRefusal('subjectSoftDeleted', `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`);
  }
  demandWritable(subject, scopes);
  const ended = permanent ? versions : live;
  for (const version of ended) {
    if (referrersOf(version, permanent).some((referrer) => referrer !== subject)) throw referenceExists(subject, version.version);
    if (permanent && !version.isDeleted) {
      throw new RegistryRefusal('subjectNotSoftDeleted', `Subject '${subject}' was not deleted first before being permanently deleted`);
    }
  }
  const numbers = ended.map(({ version }) => version);
  if (permanent) checkEnd(subject, numbers, rules, language);
  return numbers;
}

/**
 * The version that a deletion of one version ends. `latest` is the last that lives.
 * @throws RegistryRefusal in this order: versionSoftDeleted, subjectNotFound, versionNotFound, operationNotPermitted, referenceExists, versionNotSoftDeleted; invalidSchema with a violation of D11,
 * dictionaryNotLoaded
 */
export function planVersionDeletion(
  { subject, versions, scopes }: DeletionState,
  wanted: number | 'latest',
  permanent: boolean,
  rules: SubjectRules | null,
  language: Language = 'en',
): number {
  const found = wanted === 'latest' ? versions.findLast(({ isDeleted }) => !isDeleted) : versions.find(({ version }) => version === wanted);
  if (versions.length === 0) throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
  if (found === undefined) throw versionNotFound(wanted);
  const { version, isDeleted } = found;
  if (!permanent && isDeleted) {
    throw new RegistryRefusal(
      'versionSoftDeleted',
      `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
    );
  }
  demandWritable(subject, scopes);
  if (referrersOf(found, permanent).length > 0) throw referenceExists(subject, version);
  if (permanent && !isDeleted) {
    throw new RegistryRefusal(
      'versionNotSoftDeleted',
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    );
  }
  if (permanent) checkEnd(subject, [version], rules, language);
  return version;
}

/** `latest` is told as -1, as Confluent's registry does. */
export function versionNotFound(wanted: number | 'latest'): RegistryRefusal {
  return new RegistryRefusal('versionNotFound', `Version ${wanted === 'latest' ? -1 : wanted} not found.`);
}

/** What goes for good would be missing to versions that can still be brought back. */
function referrersOf({ referrers, deletedReferrers }: DeletableVersion, permanent: boolean): readonly string[] {
  return permanent ? [...referrers, ...deletedReferrers] : referrers;
}
