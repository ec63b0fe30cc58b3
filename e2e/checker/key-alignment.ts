import type { KeyHistory } from './key-history.js';
import type { LogEvent } from './log-event.js';
import type { Op } from './oplog.js';
import { comparePlaces, placeText, type Place } from './position.js';

/** How the events of a row answer to its operations, leaving out records at or below the highest position already seen: those are re-sends. */
export interface KeyAlignment {
  readonly matched: readonly OpEvent[];
  /** Operations that must be there and are not. */
  readonly missing: readonly Op[];
  /** Events of an operation that came, with a higher position, behind one of a newer operation. */
  readonly late: readonly OpEvent[];
  /** The operation that was told last, told again at a higher position: read anew by a snapshot. */
  readonly repeated: readonly OpEvent[];
  /** Events that no operation answers for. */
  readonly surplus: readonly LogEvent[];
  /** Deletes that no tombstone of the same position follows. */
  readonly bare: readonly LogEvent[];
  /** Tombstones that no delete of the same position precedes. */
  readonly loose: readonly LogEvent[];
  /** Events at a position that an earlier one of the row has, with other content: what is sent again is the same. */
  readonly distorted: readonly { readonly event: LogEvent; readonly first: LogEvent }[];
}

export interface OpEvent {
  readonly op: Op;
  readonly event: LogEvent;
}

/** @param history of a row that the checker wrote, of one topic */
export function alignKey({ ops, events }: KeyHistory): KeyAlignment {
  // A version that was refused for what the source left out may be told whole by a snapshot, in its turn.
  const ordered = ops.filter(({ op, rowHash }) => isRequired(op) || (op === 'q' && rowHash !== null));
  const indexOf = new Map(ordered.map(({ opId }, index) => [opId, index]));
  const isThere = new Set<number>();
  const matched: OpEvent[] = [];
  const late: OpEvent[] = [];
  const repeated: OpEvent[] = [];
  const surplus: LogEvent[] = [];
  let next = 0;
  const take = (index: number, event: LogEvent): void => {
    const op = ordered[index];
    if (op === undefined) return;
    isThere.add(index);
    if (index >= next) matched.push({ op, event });
    else if (index < next - 1) late.push({ op, event });
    else repeated.push({ op, event });
    next = Math.max(next, index + 1);
  };
  const { fresh, distorted } = sorted(events);
  for (const event of fresh) {
    const index = event.kind === 'delete' ? nextDelete(ordered, next, event) : indexOf.get(event.opId ?? -1);
    if (index === undefined) surplus.push(event);
    else take(index, event);
  }
  const missing = ordered.filter(({ op }, index) => isRequired(op) && !isThere.has(index));
  return { matched, missing, late, repeated, surplus, bare: bareDeletes(events), loose: looseTombstones(events), distorted };
}

function isRequired(op: Op['op']): boolean {
  return op === 'c' || op === 'u' || isDelete(op);
}

function isDelete(op: Op['op']): boolean {
  return op === 'd' || op === 's';
}

/** The next delete, or, for a sweep, the one that was matched last: what is gone may be swept once more. */
function nextDelete(ordered: readonly Op[], next: number, { isSweep }: LogEvent): number | undefined {
  const found = ordered.findIndex(({ op }, index) => index >= next && isDelete(op));
  if (found >= 0) return found;
  const last = ordered[next - 1];
  return isSweep && last !== undefined && isDelete(last.op) ? next - 1 : undefined;
}

/** Events that are told for the first time, without tombstones, and those that repeat a position and not its content. */
function sorted(events: readonly LogEvent[]): { fresh: LogEvent[]; distorted: { event: LogEvent; first: LogEvent }[] } {
  const fresh: LogEvent[] = [];
  const distorted: { event: LogEvent; first: LogEvent }[] = [];
  const firstAt = new Map<string, LogEvent>();
  let highest: Place | null = null;
  for (const event of events) {
    const { place } = event;
    if (event.kind === 'tombstone') continue;
    if (place !== null) {
      const first = firstAt.get(placeText(place));
      if (first === undefined) firstAt.set(placeText(place), event);
      else if (!isSameContent(first, event)) distorted.push({ event, first });
      if (highest !== null && comparePlaces(place, highest) <= 0) continue;
      highest = place;
    }
    fresh.push(event);
  }
  return { fresh, distorted };
}

function isSameContent(a: LogEvent, b: LogEvent): boolean {
  return a.kind === b.kind && a.opId === b.opId && a.hash === b.hash;
}

function bareDeletes(events: readonly LogEvent[]): LogEvent[] {
  return events.filter(
    (event, index) =>
      event.kind === 'delete' && !events.slice(index + 1).some((later) => later.kind === 'tombstone' && isSame(later.place, event.place)),
  );
}

function looseTombstones(events: readonly LogEvent[]): LogEvent[] {
  return events.filter(
    (event, index) =>
      event.kind === 'tombstone' &&
      !events.slice(0, index).some((earlier) => earlier.kind === 'delete' && isSame(earlier.place, event.place)),
  );
}

function isSame(a: Place | null, b: Place | null): boolean {
  return a !== null && b !== null && comparePlaces(a, b) === 0;
}
