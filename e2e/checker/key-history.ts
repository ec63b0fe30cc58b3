import type { LogEvent } from './log-event.js';
import type { Op } from './oplog.js';
import { placeText } from './position.js';
import { tokenOf } from './token.js';

/** Everything that is known of one row in one topic. */
export interface KeyHistory {
  readonly topic: string;
  readonly partition: number;
  readonly kind: 'dataset' | 'view';
  /** Of the row at the source, or the record key where no operation is known. */
  readonly key: string;
  /** Of this run, in the order of their commits; empty for rows that the checker does not write. */
  readonly ops: readonly Op[];
  /** In the order of their offsets. */
  readonly events: readonly LogEvent[];
}

/** Operations and events shown on each side of what a violation is about. */
const around = 3;

/** What a violation is about: an operation, an event, or both. */
export interface Focus {
  readonly op?: Op;
  readonly event?: LogEvent;
}

/** The operations and events next to what is to be shown, for a person. */
export function stepsOf({ topic, partition, ops, events }: KeyHistory, { op, event }: Focus): string[] {
  const opAt = op === undefined ? ops.findIndex(({ opId }) => opId === event?.opId) : ops.indexOf(op);
  const eventAt = event === undefined ? neighbour(ops, opAt, events) : events.indexOf(event);
  const opSteps = ops.map(
    ({ opId, op: kind, keySeq }) => `source: operation ${opId} (${opWords[kind]}), the row's number ${keySeq}, token ${tokenOf(opId)}`,
  );
  const eventSteps = events.map(
    ({ offset, kind, opId, place }) =>
      `${topic}/${partition} offset ${offset}: ${kind}${opId === null ? '' : ` of operation ${opId}`} at ${place === null ? 'no position' : placeText(place)}`,
  );
  return [...cut(opSteps, opAt, 'operations'), ...cut(eventSteps, eventAt, 'records')];
}

/** Where the event of an operation should stand: at the first one of a newer operation. */
function neighbour(ops: readonly Op[], opAt: number, events: readonly LogEvent[]): number {
  if (opAt < 0) return -1;
  const newer = new Set(ops.slice(opAt).map(({ opId }) => opId));
  return events.findIndex(({ opId }) => opId !== null && newer.has(opId));
}

const opWords: Readonly<Record<Op['op'], string>> = {
  c: 'insert',
  u: 'update',
  d: 'delete',
  s: 'truncate',
  q: 'a version that must be refused',
  n: 'delete of what was never published',
};

/** @param at where to look; -1 for the end */
function cut(steps: readonly string[], at: number, what: string): string[] {
  const middle = at < 0 ? steps.length - 1 : at;
  const from = Math.max(0, middle - around);
  const to = Math.min(steps.length, middle + around + 1);
  return [
    ...(from === 0 ? [] : [`(${from} earlier ${what})`]),
    ...steps.slice(from, to),
    ...(to === steps.length ? [] : [`(${steps.length - to} later ${what})`]),
  ];
}
