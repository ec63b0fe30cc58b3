import { isDeepStrictEqual } from 'node:util';
import { entriesOf, stewardOf, type DictionaryContent, type DictionaryEntry } from './dictionary-content.js';
import type { CodeListDefinition, Status } from './entry.js';

/** What a code list gained, changed and lost, in codes. */
export interface CodeCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** One entry of the dictionary that is new or differs. */
export interface EntryChange {
  readonly id: string;
  readonly change: 'added' | 'changed';
  /** Names of the fields that differ; none of an added entry. */
  readonly fields: readonly string[];
  /** Of a code list whose entries differ; else null. */
  readonly codes: CodeCounts | null;
  readonly status: { readonly before: Status | null; readonly after: Status };
  readonly version: { readonly before: string | null; readonly after: string };
  /** Agencies that keep it, before and after; null is the dictionary authority. */
  readonly stewards: readonly (string | null)[];
}

/** What of `next` is new or differs, in the order of ids. */
export function entryChanges(old: DictionaryContent, next: DictionaryContent): EntryChange[] {
  const before = new Map(entriesOf(old).map((entry) => [entry.id, entry]));
  return entriesOf(next)
    .flatMap((entry): EntryChange[] => {
      const known = before.get(entry.id);
      return known !== undefined && isDeepStrictEqual(known, entry) ? [] : [changeOf(known ?? null, entry)];
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function changeOf(old: DictionaryEntry | null, next: DictionaryEntry): EntryChange {
  const stewards = old === null ? [stewardOf(next)] : [...new Set([stewardOf(old), stewardOf(next)])];
  return {
    id: next.id,
    change: old === null ? 'added' : 'changed',
    fields: old === null ? [] : differingFields(old, next),
    codes: 'entries' in next ? codeCounts(old !== null && 'entries' in old ? old : null, next) : null,
    status: { before: old?.status ?? null, after: next.status },
    version: { before: old?.version ?? null, after: next.version },
    stewards,
  };
}

function differingFields(old: object, next: object): string[] {
  const [before, after] = [old as Record<string, unknown>, next as Record<string, unknown>];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** A code counts once, however many periods it has. Null where both lists have the same entries. */
function codeCounts(old: CodeListDefinition | null, next: CodeListDefinition): CodeCounts | null {
  const [before, after] = [periodsByCode(old), periodsByCode(next)];
  const codes = [...after.keys()];
  const counts = {
    added: codes.filter((code) => !before.has(code)).length,
    changed: codes.filter((code) => before.has(code) && !isDeepStrictEqual(before.get(code), after.get(code))).length,
    removed: [...before.keys()].filter((code) => !after.has(code)).length,
  };
  return counts.added + counts.changed + counts.removed === 0 ? null : counts;
}

function periodsByCode(list: CodeListDefinition | null): Map<string, object[]> {
  const byCode = new Map<string, object[]>();
  for (const entry of list?.entries ?? []) {
    const periods = byCode.get(entry.code);
    if (periods === undefined) byCode.set(entry.code, [entry]);
    else periods.push(entry);
  }
  return byCode;
}
