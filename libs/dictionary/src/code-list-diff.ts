import { isDeepStrictEqual } from 'node:util';
import type { CodeListEntry } from './entry.js';

/** One code whose periods differ, with all of them, before and after. */
export interface CodeDifference {
  readonly code: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly before: readonly CodeListEntry[];
  readonly after: readonly CodeListEntry[];
}

/** What a list gains, changes and loses, in the order of codes. The order of entries is no difference. */
export function codeListDifference(old: readonly CodeListEntry[], next: readonly CodeListEntry[]): CodeDifference[] {
  const [before, after] = [byCode(old), byCode(next)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .flatMap((code): CodeDifference[] => {
      const [was, is] = [before.get(code) ?? [], after.get(code) ?? []];
      if (isDeepStrictEqual(was, is)) return [];
      return [{ code, change: was.length === 0 ? 'added' : is.length === 0 ? 'removed' : 'changed', before: was, after: is }];
    });
}

function byCode(entries: readonly CodeListEntry[]): Map<string, CodeListEntry[]> {
  const periods = new Map<string, CodeListEntry[]>();
  for (const entry of entries) {
    const known = periods.get(entry.code);
    if (known === undefined) periods.set(entry.code, [entry]);
    else known.push(entry);
  }
  for (const known of periods.values()) known.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
  return periods;
}
