import type { MasterDataKey } from '@truc/change-event';
import { sameKey } from '@truc/change-event';
import type { Row } from '@truc/kernel';

/** Why a row is held back. Never holds a value of the row. */
export interface RowReason {
  readonly rule: string;
  readonly element: string | null;
  readonly field: string;
  readonly reason: string;
}

export type RowVerdict =
  /** `marks`: what is told of a row that passes. */
  | { readonly kind: 'good'; readonly row: Row; readonly key: MasterDataKey; readonly marks: readonly RowReason[] }
  /** `marks`: what would not have kept it back; `stops`: the dataset chose to stop rather than to hold it. */
  | { readonly kind: 'bad'; readonly reasons: readonly RowReason[]; readonly marks: readonly RowReason[]; readonly stops: boolean };

/** What a change of one source row means to the dataset and to its quarantine. */
export type RowEffect =
  | {
      readonly kind: 'write';
      readonly op: 'c' | 'u' | 'r';
      readonly key: MasterDataKey;
      readonly row: Row;
      readonly formerKey: MasterDataKey | null;
      readonly marks: readonly RowReason[];
    }
  | { readonly kind: 'delete'; readonly key: MasterDataKey; readonly newKey: MasterDataKey | null }
  | {
      readonly kind: 'hold';
      readonly sourceKey: string;
      readonly reasons: readonly RowReason[];
      readonly lastPublishedKey: MasterDataKey | null;
      readonly intendedKeys: readonly MasterDataKey[];
    }
  | { readonly kind: 'release'; readonly sourceKey: string };

/** A source row as it stood before the change, as far as it is known. */
export interface FormerRow {
  readonly sourceKey: string;
  /** Key under which a good version of it was published; null where none can have been. */
  readonly publishedKey: MasterDataKey | null;
  /** Further keys under which it may have been published without our knowing for certain: those that a retry meant to publish it under. */
  readonly intendedKeys?: readonly MasterDataKey[];
  /** True where quarantine holds the row. */
  readonly isHeld: boolean;
}

/**
 * Decides what follows from a row's new version (null after a delete).
 *
 * A row that becomes invalid keeps its last good version at the consumers, and quarantine keeps the key of that version: a later good version, a delete or a
 * change of key acts on it. A change of code or row key is a delete of the old key, then a create of the new one.
 */
export function effectsOf(
  former: FormerRow | null,
  next: { readonly sourceKey: string; readonly verdict: RowVerdict } | null,
  isSnapshot: boolean,
): RowEffect[] {
  const published = former?.publishedKey ?? null;
  const intended = former?.intendedKeys ?? [];
  const release = (sourceKey: string | undefined): RowEffect[] =>
    former !== null && former.isHeld && (sourceKey === undefined || sourceKey !== former.sourceKey)
      ? [{ kind: 'release', sourceKey: former.sourceKey }]
      : [];
  if (next === null) {
    return [...keysOf(published, intended).map((key) => ({ kind: 'delete', key, newKey: null }) as const), ...release(undefined)];
  }
  const { verdict, sourceKey } = next;
  if (verdict.kind === 'bad') {
    return [
      { kind: 'hold', sourceKey, reasons: verdict.reasons, lastPublishedKey: published, intendedKeys: intended },
      ...release(sourceKey),
    ];
  }
  const { key, row, marks } = verdict;
  const isMoved = published !== null && !sameKey(published, key);
  const op = isSnapshot ? 'r' : published === null || isMoved ? 'c' : 'u';
  return [
    ...(isMoved ? [{ kind: 'delete', key: published, newKey: key } as const] : []),
    ...keysOf(null, intended).flatMap((other) =>
      sameKey(other, key) || (published !== null && sameKey(other, published))
        ? []
        : [{ kind: 'delete', key: other, newKey: null } as const],
    ),
    { kind: 'write', op, key, row, formerKey: isMoved ? published : null, marks },
    ...release(undefined),
  ];
}

/** Each key once. */
function keysOf(published: MasterDataKey | null, intended: readonly MasterDataKey[]): MasterDataKey[] {
  const keys: MasterDataKey[] = published === null ? [] : [published];
  for (const key of intended) if (!keys.some((known) => sameKey(known, key))) keys.push(key);
  return keys;
}
