import { alignKey } from '../key-alignment.js';
import type { KeyHistory } from '../key-history.js';
import type { LogEvent } from '../log-event.js';
import type { Op, OpKind } from '../oplog.js';

/** Histories made by hand, for the tests of the judges. */

export const handMadeKey = '["001000000001","01"]';

/** An operation with this number; its number on the row is the same. */
export function op(opId: number, kind: OpKind = 'u'): Op {
  const hasRecord = kind === 'c' || kind === 'u';
  return {
    opId,
    key: handMadeKey,
    keySeq: opId,
    op: kind,
    rowHash: hasRecord ? `row-${opId}` : null,
    viewHash: hasRecord ? `view-${opId}` : null,
  };
}

/** An event of operation `opId` at position `at`. */
export function upsert(opId: number, at = opId): Omit<LogEvent, 'offset'> {
  return {
    key: handMadeKey,
    code: '001000000001',
    place: { epoch: 1, sequence: BigInt(at), index: 0 },
    kind: 'upsert',
    opId,
    isSweep: false,
    hash: `row-${opId}`,
  };
}

export function deleted(at: number): Omit<LogEvent, 'offset'> {
  return { ...upsert(0, at), kind: 'delete', opId: null, hash: null };
}

export function tombstone(at: number): Omit<LogEvent, 'offset'> {
  return { ...deleted(at), kind: 'tombstone' };
}

export function history(ops: readonly Op[], events: readonly Omit<LogEvent, 'offset'>[]): KeyHistory {
  return {
    topic: 'data.g01.population.resident.v1',
    partition: 0,
    kind: 'dataset',
    key: handMadeKey,
    ops,
    events: events.map((event, index) => ({ ...event, offset: BigInt(index) })),
  };
}

/** What a judge of rows is given. */
export function judged(ops: readonly Op[], events: readonly Omit<LogEvent, 'offset'>[]): [KeyHistory, ReturnType<typeof alignKey>] {
  const made = history(ops, events);
  return [made, alignKey(made)];
}
