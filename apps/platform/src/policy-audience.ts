import type { PolicyEntry } from '@truc/coordination';

/** Agencies that an entry of the policy is for; null is everybody. */
export function concernedBy(entry: PolicyEntry, all: readonly PolicyEntry[]): readonly (string | null)[] {
  switch (entry.kind) {
    case 'source':
      return [entry.agency];
    case 'contract':
      return [entry.consumer];
    case 'view':
      // Agencies with one scope share it.
      return all.flatMap((other) => (other.kind === 'contract' && other.viewId === entry.id ? [other.consumer] : []));
    case 'agency':
    case 'dataset':
    case 'dictionary':
    case 'definitions':
    case 'codelist':
    case 'token-key':
    case 'principal':
    case 'heartbeat':
      return [null];
  }
}
