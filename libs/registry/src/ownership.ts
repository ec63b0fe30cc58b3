import { schemaHint, schemaTerm } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import type { Violation } from './refusal.js';
import type { SchemaReference } from './schema-document.js';
import { besideSubject, subjectParts } from './subject.js';
import type { Caller } from './subject-rules.js';

/**
 * Rule D6: an agency's caller may change subjects of its own dataset topics; all others, views and the platform's own topics among them, are the platform's.
 * @returns null when the caller may
 */
export function ownershipViolation(subject: string, caller: Caller, language: Language = 'en'): Violation | null {
  if (caller.agencySlug === null) return null;
  const { agencySlug } = subjectParts(subject);
  if (agencySlug === caller.agencySlug) return null;
  const expected = agencySlug === null ? schemaTerm('caller-of-platform', language) : schemaTerm('caller-of-agency', language, agencySlug);
  return {
    rule: 'D6',
    path: '$',
    element: null,
    expected,
    found: schemaTerm('foreign-caller', language, caller.name, caller.agencySlug),
    hint: agencySlug === null ? schemaHint('agency-subjects', language, caller.agencySlug) : schemaHint('owner', language),
  };
}

/**
 * Rule D6 for what a schema of `data.*` refers to: subjects of its own agency and of the platform. A version that is referred to cannot be deleted, so a reference to another agency's is a hold on it.
 * @param references as they are kept, by their subjects beside `subject`
 */
export function referenceViolations(subject: string, references: readonly SchemaReference[], language: Language = 'en'): Violation[] {
  const { agencySlug: own } = subjectParts(subject);
  if (own === null) return [];
  const foreign = references.filter((reference) => {
    const { agencySlug } = subjectParts(besideSubject(subject, reference.subject));
    return agencySlug !== null && agencySlug !== own;
  });
  return foreign.map((reference) => ({
    rule: 'D6',
    path: '$',
    element: null,
    expected: schemaTerm('own-references', language, own),
    found: `${reference.subject} ${reference.version}`,
    hint: schemaHint('reference-owner', language),
  }));
}
