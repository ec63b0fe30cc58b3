import { isDeepStrictEqual } from 'node:util';
import { policyKey, type PolicyEntry } from './policy.js';

/** What a publication has to change. Values are keys, but for the entries to publish. */
export interface PolicyDifference {
  readonly created: readonly PolicyEntry[];
  readonly changed: readonly PolicyEntry[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** Compares two states of one policy topic by key. The order of fields does not matter. */
export function diffPolicy(current: readonly PolicyEntry[], next: readonly PolicyEntry[]): PolicyDifference {
  const before = new Map(current.map((entry) => [policyKey(entry), entry]));
  const after = new Map(next.map((entry) => [policyKey(entry), entry]));
  const created: PolicyEntry[] = [];
  const changed: PolicyEntry[] = [];
  const unchanged: string[] = [];
  for (const [key, entry] of after) {
    const old = before.get(key);
    if (old === undefined) created.push(entry);
    else if (isDeepStrictEqual(old, entry)) unchanged.push(key);
    else changed.push(entry);
  }
  return { created, changed, removed: [...before.keys()].filter((key) => !after.has(key)), unchanged };
}
