import type { KeyHistory } from './key-history.js';
import type { LogEvent } from './log-event.js';
import type { Op } from './oplog.js';
import { comparePlaces, type Place } from './position.js';

/** How the events of a row answer to its operations, leaving out records at or below the highest position already seen: those are re-sends. */
export interface KeyAlignment {
  readonly matched: readonly { readonly op: Op; readonly event: LogEvent }[];
  /** Operations that must be there and are not. */
  readonly missing: readonly Op[];
  /** Events of an operation that came, with a higher position, behind one of a newer operation. */
  readonly late: readonly { readonly op: Op; readonly event: LogEvent }[];
  /** Events that no operation answers for. */
  readonly surplus: readonly LogEvent[];
  /** Deletes that no tombstone of the same position follows. */
  readonly bare: readonly LogEvent[];
}

/** @param history of a row that the checker wrote, of one topic */
export function alignKey({ ops, events }: KeyHistory): KeyAlignment {
  const required = ops.filter(({ op }) => op === 'c' || op === 'u' || op === 'd' || op === 's');
  const indexOf = new Map(required.map(({ opId }, index) => [opId, index]));
  const isThere = new Set<number>();
  const matched: { op: Op; event: LogEvent }[] = [];
  const late: { op: Op; event: LogEvent }[] = [];
  const surplus: LogEvent[] = [];
  let next = 0;
  const take = (index: number, event: LogEvent): void => {
    const op = required[index];
    if (op === undefined) return;
    isThere.add(index);
    if (index >= next) {
      matched.push({ op, event });
      next = index + 1;
    } else if (index < next - 1) {
      late.push({ op, event });
    }
    // The newest one again, at a higher position: read anew by a snapshot.
  };
  for (const event of freshEvents(events)) {
    const index = event.kind === 'delete' ? nextDelete(required, next) : indexOf.get(event.opId ?? -1);
    if (index === undefined) surplus.push(event);
    else take(index, event);
  }
  return { matched, missing: required.filter((_, index) => !isThere.has(index)), late, surplus, bare: bareDeletes(events) };
}

/** The next delete, or the one that was matched last: what is gone may be swept once more. */
function nextDelete(required: readonly Op[], next: number): number | undefined {
  const isDelete = ({ op }: Op): boolean => op === 'd' || op === 's';
  const found = required.findIndex((op, index) => index >= next && isDelete(op));
  if (found >= 0) return found;
  const last = required[next - 1];
  return last !== undefined && isDelete(last) ? next - 1 : undefined;
}

/** Without tombstones and re-sends. */
function* freshEvents(events: readonly LogEvent[]): Generator<LogEvent> {
  let highest: Place | null = null;
  for (const event of events) {
    const { place } = event;
    if (event.kind === 'tombstone') continue;
    if (place !== null && highest !== null && comparePlaces(place, highest) <= 0) continue;
    if (place !== null) highest = place;
    yield event;
  }
}

function bareDeletes(events: readonly LogEvent[]): LogEvent[] {
  return events.filter(
    (event, index) =>
      event.kind === 'delete' && !events.slice(index + 1).some((later) => later.kind === 'tombstone' && isSame(later.place, event.place)),
  );
}

function isSame(a: Place | null, b: Place | null): boolean {
  return a !== null && b !== null && comparePlaces(a, b) === 0;
}
