import { comparePositions, maxPosition, type Position } from '@truc/kernel';

/** What the log holds of one key, as far as a sweep has to know. */
export interface KeyTrail {
  /** The highest position that any record of the key has. */
  readonly highest: Position;
  /** The highest of those that no sweep wrote; null where there is none. */
  readonly heard: Position | null;
  /** Of its last record in the order of the log. */
  readonly last: Position;
  /** `swept` is the delete event of a sweep, which its tombstone follows. */
  readonly lastKind: 'event' | 'swept' | 'tombstone';
}

export interface SweepRange {
  /** Keys of which nothing newer than this is known are swept. */
  readonly upTo: Position;
  /** Position of what the sweep writes; at or above `upTo`. */
  readonly at: Position;
}

/** The trail with one more record. */
export function extendTrail(trail: KeyTrail | undefined, position: Position, kind: KeyTrail['lastKind'], isOfSweep: boolean): KeyTrail {
  const isHighest = trail === undefined || comparePositions(position, trail.highest) >= 0;
  const heard = trail?.heard ?? null;
  return {
    highest: isHighest ? position : trail.highest,
    heard: isOfSweep ? heard : maxPosition(heard, position),
    last: position,
    lastKind: kind,
  };
}

/**
 * Whether a sweep deletes the key.
 *
 * The last record alone does not tell, for what is sent again puts old events after newer ones:
 *
 * 1. The key's tombstone stands at 200 and an event of it at 100 comes again behind it. The last record is old and alive; compaction would keep it. It is swept,
 *    although its highest position, 200, may be the sweep's own.
 * 2. The key has an event at 300, above the sweep, and an event at 100 comes again behind it. It is left alone: the event at 300 will come again as well, for
 *    everything is sent again through to the highest position that was ever sent.
 * 3. The last record is a tombstone with the highest position: there is nothing to delete.
 * 4. An earlier attempt wrote its delete event and ended before the tombstone: both are written again.
 * 5. An earlier attempt swept the key at 300, above what it looks at, and an event of it at 100 comes again behind it: a sweep speaks for nobody, and is not sent again but by the next one. It is swept.
 */
export function isSwept({ highest, heard, last, lastKind }: KeyTrail, { upTo, at }: SweepRange): boolean {
  const isAtHighest = endsAtHighest({ highest, last });
  if (isAtHighest && lastKind === 'tombstone') return false;
  if (isAtHighest && lastKind === 'swept') return comparePositions(last, at) <= 0;
  return heard === null || comparePositions(heard, upTo) <= 0;
}

/** False where something old was sent again and what had come behind it was not: what the log ends with is then not what consumers have. */
export function endsAtHighest({ highest, last }: Pick<KeyTrail, 'highest' | 'last'>): boolean {
  return comparePositions(last, highest) === 0;
}
