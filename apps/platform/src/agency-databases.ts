import type { PolicyEntry } from '@truc/coordination';

/** A database of an agency that an agent acts for; a command is for one of them. */
export type AgencyDatabase = { readonly source: string; readonly target: null } | { readonly source: null; readonly target: string };

/** The agency's sources, and the databases that its contracts in force are applied to. @param today ISO date in Vietnam */
export function agencyDatabases(entries: readonly PolicyEntry[], agency: string, today: string): AgencyDatabase[] {
  const sources = entries.flatMap((entry) => (entry.kind === 'source' && entry.agency === agency ? [entry.database] : []));
  const targets = entries.flatMap((entry) => {
    if (entry.kind !== 'contract' || entry.consumer !== agency) return [];
    const isInForce = entry.validFrom <= today && (entry.validTo === null || today <= entry.validTo);
    return isInForce ? [entry.target.database] : [];
  });
  return [
    ...[...new Set(sources)].map((source) => ({ source, target: null })),
    ...[...new Set(targets)].map((target) => ({ source: null, target })),
  ];
}

/** `source/population`, `target/social_insurance`: as the agents name what they run. */
export function databaseName({ source, target }: AgencyDatabase): string {
  return source === null ? `target/${target}` : `source/${source}`;
}
