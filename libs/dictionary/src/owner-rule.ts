import { agencySlug, isAgencyCode, type AgencyCode, type Language } from '@truc/kernel';
import { schemaHint } from './schema-hint.js';
import { schemaTerm } from './schema-term.js';
import type { SchemaViolation } from './schema-violation.js';
import type { SubjectKind } from './subject-kind.js';

/** Roles that act for the platform: its own service, and the people who run it. */
const platformRoles = ['platform', 'administrator'];

export interface SchemaCaller {
  /** Null for the platform itself. */
  readonly agency: AgencyCode | null;
  readonly role: string;
}

/** Rule D6: the caller's agency owns the topic; views and the platform's own topics are the platform's alone. */
export function ownerProblem(
  subject: SubjectKind,
  caller: SchemaCaller | null,
  owner: AgencyCode | null,
  language: Language,
): SchemaViolation | null {
  if (caller === null || platformRoles.includes(caller.role) || subject.kind === 'free') return null;
  const violation = { rule: 'D6', path: '$', element: null, found: caller.agency ?? caller.role } as const;
  if (subject.kind !== 'data')
    return { ...violation, expected: schemaTerm('platform', language), hint: schemaHint('platform-only', language) };
  const slug = caller.agency !== null && isAgencyCode(caller.agency) ? agencySlug(caller.agency) : null;
  // The topic's name and what is known of its owner have to agree with the caller, so neither can be talked round.
  if (slug === subject.agencySlug && (owner === null || owner === caller.agency)) return null;
  return { ...violation, expected: owner ?? subject.agencySlug, hint: schemaHint('owner', language) };
}
