import type { LogEvent } from './log-event.js';
import type { Op } from './oplog.js';
import { placeText } from './position.js';

/**
 * A view's events by the key of their source row. A view's records have keys of their own: which row they are of, their token says, or that a record of the dataset has
 * the same position. Whether a delete is a sweep's, only the dataset tells.
 */
export function bySourceKey(
  events: ReadonlyMap<string, readonly LogEvent[]>,
  ops: ReadonlyMap<string, readonly Op[]>,
  dataset: ReadonlyMap<string, readonly LogEvent[]>,
): Map<string, readonly LogEvent[]> {
  const keyOfOp = new Map([...ops].flatMap(([key, known]) => known.map(({ opId }) => [opId, key] as const)));
  const originOf = new Map<string, { readonly key: string; readonly isSweep: boolean }>();
  for (const [key, known] of dataset)
    for (const event of known)
      if (event.place !== null && event.kind !== 'tombstone') originOf.set(placeOf(event), { key, isSweep: event.isSweep });
  const found = new Map<string, LogEvent[]>();
  for (const [viewKey, known] of events) {
    const key = known.map((event) => keyOfOp.get(event.opId ?? -1) ?? originOf.get(placeOf(event))?.key).find((one) => one !== undefined);
    const marked = known.map((event) => ({ ...event, isSweep: originOf.get(placeOf(event))?.isSweep ?? false }));
    found.set(key ?? viewKey, [...(found.get(key ?? viewKey) ?? []), ...marked]);
  }
  return found;
}

/** The same in a dataset and in its views; of sweeps, one position is of many rows. */
function placeOf({ place, kind, code }: LogEvent): string {
  return place === null ? '' : `${placeText(place)} ${kind} ${code}`;
}
