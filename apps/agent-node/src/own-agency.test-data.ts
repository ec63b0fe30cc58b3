import type { PolicyEntry } from '@truc/coordination';
import { agencySlug } from '@truc/kernel';
import { policyOfDocuments } from './applied-policy.test-data.js';

/** An agency that is one test's own, since the topic of an agency's states has a fixed name; and its slot. */
export interface OwnAgency {
  readonly code: string;
  readonly slot: string;
  /** What it reads of policy once these documents were applied, in which it is called G01. */
  policyWith(documents: string): PolicyEntry[];
}

/** @param ministry of its code, e.g. `G92` @param prefix of the test's topics */
export function ownAgency(ministry: string, prefix: string): OwnAgency {
  const letters = prefix
    .replaceAll(/[^a-z0-9]/gi, '')
    .slice(-6)
    .toUpperCase();
  const code = `${ministry}.${letters.replace(/(...)(...)/, '$1.$2')}`;
  return {
    code,
    slot: `truc_${prefix.replaceAll(/[^a-z0-9]/g, '_')}`.slice(0, 60),
    policyWith: (documents) => {
      const own = JSON.stringify(policyOfDocuments(documents))
        .replaceAll('"G01"', `"${code}"`)
        .replaceAll('"data.g01.', `"data.${agencySlug(code)}.`)
        .replaceAll('"quarantine.g01.', `"quarantine.${agencySlug(code)}.`);
      return JSON.parse(own) as PolicyEntry[];
    },
  };
}
