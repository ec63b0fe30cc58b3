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

const stepsMax = 12;

/** Operations and events around what is to be shown, for a person; the last ones where there are many. */
export function stepsOf({ topic, partition, ops, events }: KeyHistory): string[] {
  const opSteps = ops.map(
    ({ opId, op, keySeq }) => `source: operation ${opId} (${opWords[op]}), the row's number ${keySeq}, token ${tokenOf(opId)}`,
  );
  const eventSteps = events.map(
    ({ offset, kind, opId, place }) =>
      `${topic}/${partition} offset ${offset}: ${kind}${opId === null ? '' : ` of operation ${opId}`} at ${place === null ? 'no position' : placeText(place)}`,
  );
  return [...cut(opSteps), ...cut(eventSteps)];
}

const opWords: Readonly<Record<Op['op'], string>> = {
  c: 'insert',
  u: 'update',
  d: 'delete',
  s: 'truncate',
  q: 'a version that must be refused',
  n: 'delete of what was never published',
};

function cut(steps: readonly string[]): string[] {
  return steps.length <= stepsMax ? [...steps] : [`(${steps.length - stepsMax} earlier ones)`, ...steps.slice(-stepsMax)];
}
