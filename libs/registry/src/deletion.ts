import { schemaHint, schemaTerm, type Language } from '@truc/dictionary';
import { RegistryRefusal, refusedByRules } from './refusal.js';
import { effectiveMode, type Settings } from './settings.js';
import { subjectParts } from './subject.js';
import type { SubjectRules } from './subject-rules.js';

/** What has to be known of a version to decide about its end. */
export interface DeletableVersion {
  readonly version: number;
  readonly isDeleted: boolean;
  /** Whether a schema of another subject refers to it. */
  readonly isReferenced: boolean;
}

export interface DeletionState {
  readonly subject: string;
  /** In order, soft-deleted ones included. */
  readonly versions: readonly DeletableVersion[];
  readonly settings: Settings;
  readonly globalSettings: Settings;
}

/**
 * Versions that a deletion of the whole subject ends: softly those that live, for good (`permanent`) all, which must have been deleted softly before.
 * @throws RegistryRefusal subjectNotFound, subjectSoftDeleted, subjectNotSoftDeleted, referenceExists, operationNotPermitted; invalidSchema with a violation of D11; dictionaryNotLoaded
 */
export function planSubjectDeletion(
  state: DeletionState,
  permanent: boolean,
  rules: SubjectRules | null,
  language: Language = 'en',
): number[] {
  const { subject, versions } = state;
  const live = versions.filter(({ isDeleted }) => !isDeleted);
  if (versions.length === 0) throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
  if (permanent && live.length > 0) {
    throw new RegistryRefusal('subjectNotSoftDeleted', `Subject '${subject}' was not deleted first before being permanently deleted`);
  }
  if (!permanent && live.length === 0) {
    throw new RegistryRefusal('subjectSoftDeleted', `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`);
  }
  const ended = permanent ? versions : live;
  checkDeletion(state, ended, permanent, rules, language);
  return ended.map(({ version }) => version);
}

/**
 * The version that a deletion of one version ends.
 * @throws RegistryRefusal subjectNotFound, versionNotFound, versionSoftDeleted, versionNotSoftDeleted and those of {@link planSubjectDeletion}
 */
export function planVersionDeletion(
  state: DeletionState,
  wanted: number | 'latest',
  permanent: boolean,
  rules: SubjectRules | null,
  language: Language = 'en',
): number {
  const { subject, versions } = state;
  const found =
    wanted === 'latest'
      ? versions.findLast(({ isDeleted }) => isDeleted === permanent)
      : versions.find(({ version }) => version === wanted);
  if (versions.length === 0) throw new RegistryRefusal('subjectNotFound', `Subject '${subject}' not found.`);
  if (found === undefined) throw new RegistryRefusal('versionNotFound', `Version ${wanted} not found.`);
  if (!permanent && found.isDeleted) {
    throw new RegistryRefusal(
      'versionSoftDeleted',
      `Subject '${subject}' Version ${found.version} was soft deleted. Set permanent=true to delete permanently`,
    );
  }
  if (permanent && !found.isDeleted) {
    throw new RegistryRefusal(
      'versionNotSoftDeleted',
      `Subject '${subject}' Version ${found.version} was not deleted first before being permanently deleted`,
    );
  }
  checkDeletion(state, [found], permanent, rules, language);
  return found.version;
}

function checkDeletion(
  state: DeletionState,
  ended: readonly DeletableVersion[],
  permanent: boolean,
  rules: SubjectRules | null,
  language: Language,
): void {
  const { subject } = state;
  if (effectiveMode(state.settings, state.globalSettings) === 'READONLY') {
    throw new RegistryRefusal('operationNotPermitted', `Subject ${subject} is in read-only mode`);
  }
  const referenced = ended.find(({ isReferenced }) => isReferenced);
  if (referenced !== undefined) {
    throw new RegistryRefusal(
      'referenceExists',
      `One or more references exist to the schema {subject=${subject},version=${referenced.version}}`,
    );
  }
  if (!permanent || !subjectParts(subject).isProtected) return;
  if (rules === null) {
    throw new RegistryRefusal(
      'dictionaryNotLoaded',
      `whether ${subject} is still in use is not known yet: no release of the dictionary has arrived on policy.common`,
    );
  }
  const needs = rules.neededBy(subject, language);
  if (needs.length === 0) return;
  const versions = ended.map(({ version }) => version).join(', ');
  const violation = {
    rule: 'D11',
    path: '$',
    element: null,
    expected: schemaTerm('kept-versions', language),
    found: schemaTerm('deletion-for-good', language, versions, needs.join(', ')),
    hint: schemaHint('version-in-use', language),
  };
  throw refusedByRules(subject, [violation], language);
}
