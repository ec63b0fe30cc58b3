import { schemaHint, schemaTerm } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { RegistryRefusal, refusedByRules } from './refusal.js';
import { subjectParts } from './subject.js';
import type { SubjectRules } from './subject-rules.js';

/**
 * What may be done to a subject. READWRITE: everything. READONLY: nothing is registered, deleted or configured. READONLY_OVERRIDE, set for all: the same, whatever a subject's own mode is.
 * IMPORT: schemas are registered with the ids and versions that they have elsewhere, and with no others; it is entered while nothing lives yet, or by force.
 */
export const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const;
export type Mode = (typeof modes)[number];
export const defaultMode: Mode = 'READWRITE';

/** @throws RegistryRefusal invalidMode */
export function parseMode(asked: unknown): Mode {
  const known = modes.find((candidate) => candidate === String(asked).toUpperCase());
  if (known !== undefined) return known;
  throw new RegistryRefusal('invalidMode', `Invalid mode. Valid values are ${modes.join(', ')}`);
}

/** A version in the scope of a mode that is set. */
export interface VersionInScope {
  readonly subject: string;
  readonly version: number;
  readonly isDeleted: boolean;
  /** Whether a version outside of the scope, deleted or not, refers to it. */
  readonly isReferenced: boolean;
  /** Whether the subject is in a read-only mode all the same: one of its own, or READONLY_OVERRIDE for all. */
  readonly isReadOnly: boolean;
}

/**
 * Whether IMPORT may be entered. What was deleted softly goes for good then, so that its versions can come in anew.
 * @param versions of the subject, of the context, or of all
 * @returns the versions that go
 * @throws RegistryRefusal operationNotPermitted, referenceExists; invalidSchema with a violation of D11; dictionaryNotLoaded
 */
export function planImport(versions: readonly VersionInScope[], rules: SubjectRules | null, language: Language = 'en'): VersionInScope[] {
  if (versions.some(({ isDeleted }) => !isDeleted)) {
    throw new RegistryRefusal('operationNotPermitted', 'Cannot import since found existing subjects');
  }
  const referenced = versions.find(({ isReferenced }) => isReferenced);
  if (referenced !== undefined) throw referenceExists(referenced.subject, referenced.version);
  const kept = versions.find(({ isReadOnly }) => isReadOnly);
  if (kept !== undefined) throw readOnly(kept.subject);
  for (const subject of new Set(versions.map((each) => each.subject))) {
    const ended = versions.filter((each) => each.subject === subject).map(({ version }) => version);
    checkEnd(subject, ended, rules, language);
  }
  return [...versions];
}

export function isReadOnly(mode: Mode): boolean {
  return mode === 'READONLY' || mode === 'READONLY_OVERRIDE';
}

export function readOnly(subject: string | null): RegistryRefusal {
  return new RegistryRefusal(
    'operationNotPermitted',
    subject === null ? 'The registry is in read-only mode' : `Subject ${subject} is in read-only mode`,
  );
}

export function referenceExists(subject: string, version: number): RegistryRefusal {
  return new RegistryRefusal('referenceExists', `One or more references exist to the schema {subject=${subject},version=${version}}`);
}

/**
 * Rule D11 for versions that are to go for good.
 * @throws RegistryRefusal invalidSchema with a violation of D11; dictionaryNotLoaded
 */
export function checkEnd(subject: string, versions: readonly number[], rules: SubjectRules | null, language: Language): void {
  if (!subjectParts(subject).isProtected) return;
  if (rules === null) {
    throw new RegistryRefusal(
      'dictionaryNotLoaded',
      `whether ${subject} is still in use is not known yet: no release of the dictionary has arrived on policy.common`,
    );
  }
  const needs = rules.neededBy(subject, language);
  if (needs.length === 0) return;
  const violation = {
    rule: 'D11',
    path: '$',
    element: null,
    expected: schemaTerm('kept-versions', language),
    found: schemaTerm('deletion-for-good', language, versions.join(', '), needs.join(', ')),
    hint: schemaHint('version-in-use', language),
  };
  throw refusedByRules(subject, [violation], language);
}
