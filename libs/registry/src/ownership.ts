import type { Violation } from './refusal.js';
import { subjectParts } from './subject.js';
import type { Caller } from './subject-rules.js';

/**
 * Rule D6: an agency's caller may change subjects of its own dataset topics; all others, views and the platform's own topics among them, are the platform's.
 * @returns null when the caller may
 */
export function ownershipViolation(subject: string, caller: Caller): Violation | null {
  if (caller.agencySlug === null) return null;
  const { agencySlug } = subjectParts(subject);
  if (agencySlug === caller.agencySlug) return null;
  return {
    rule: 'D6',
    path: '$',
    element: null,
    expected: agencySlug === null ? "a caller of the platform's own" : `a caller of the agency ${agencySlug}`,
    found: `${caller.name} of the agency ${caller.agencySlug}`,
    hint: agencySlug === null ? `an agency registers subjects of data.${caller.agencySlug}.* only` : "ask the topic's owner to register it",
  };
}
