import { TrucError, type Clock } from '@truc/kernel';
import { z } from 'zod';
import { captureGap, type CaptureGap } from './capture-gap.js';
import type { LogRecord } from './log.js';
import type { TableSnapshot } from './snapshot-plan.js';
import { tableLag, type TableLag } from './table-lag.js';

const sequence = z
  .string()
  .regex(/^[0-9]{1,20}$/)
  .transform((text) => BigInt(text));

const tableSnapshot = z.strictObject({
  table: z.string().min(1),
  lastKey: z.array(z.string()).nullable(),
  rowsRead: z.int().nonnegative(),
  rowsEstimated: z.number().nonnegative(),
  done: z.boolean(),
  topic: z.string().nullable().default(null),
  mark: z.string().nullable().default(null),
  since: z.strictObject({ epoch: z.int().positive(), sequence }).nullable().default(null),
  begins: sequence.nullable().optional(),
  sweeps: z.boolean().default(false),
  isOfParents: z.boolean().default(false),
});
/** Where it is not said, as in former states, it is where the snapshot begins. */
const beginning = ({ begins, ...snapshot }: z.infer<typeof tableSnapshot>): TableSnapshot => {
  return { ...snapshot, begins: begins === undefined ? (snapshot.since?.sequence ?? null) : begins };
};

/** What the index of a table's parents was when this was stored. */
const parentIndexMark = z.strictObject({
  /** The child table. */
  table: z.string().min(1),
  /** What it is an index of: parent table, key, code. */
  of: z.string().min(1),
  id: z.string().min(1),
  ordinal: z.int().nonnegative(),
});

const captureState = z.strictObject({
  /** What is durable downstream: everything at or below it is on the log and acknowledged, but of tables that lag. */
  sequence,
  /** Tables that stand behind, and for which the source keeps its log. */
  lags: z.array(tableLag).default([]),
  epoch: z.int().positive(),
  /** The server that the sequence belongs to. */
  systemIdentifier: z.string().nullable(),
  timeline: z.int().nullable(),
  /** Next offset of every partition when this was stored, by `topic/partition`: where a start begins to look for what was sent after it. */
  endOffsets: z.record(z.string(), sequence),
  /** Next offset of every partition of which everything below was acknowledged when this was stored, in this epoch: what the log has to hold for good. */
  acknowledgedOffsets: z.record(z.string(), sequence).default({}),
  snapshots: z.array(tableSnapshot.transform(beginning)),
  parents: z.array(parentIndexMark).default([]),
  /** The last ones, resolved or not. */
  gaps: z.array(captureGap).default([]),
  /** True from the resolution of a gap until the slot of the former epoch is dropped: what that slot would send is not what the new epoch begins with. */
  isSlotStale: z.boolean().default(false),
  /** What all of a table that is on the log and in quarantine was last judged by, by `schema.table`; not there while that is more than one thing. Former states said one for all tables, which counts as nothing. */
  judgedBy: z.preprocess((said) => (typeof said === 'object' && said !== null ? said : {}), z.record(z.string(), z.string())),
});

/** The durable state of one captured source; one record of `state.<agency>` with the key `slot/<slot>`. */
export interface CaptureState extends Omit<z.infer<typeof captureState>, 'snapshots' | 'gaps' | 'lags'> {
  readonly snapshots: readonly TableSnapshot[];
  readonly gaps: readonly CaptureGap[];
  readonly lags: readonly TableLag[];
}

export function captureStateKey(slot: string): Buffer {
  return Buffer.from(`slot/${slot}`);
}

export function encodeCaptureState(state: CaptureState): Buffer {
  return Buffer.from(JSON.stringify(state, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)));
}

/** The state as the log has it. */
export function captureStateRecord(
  { stateTopic, slot, clock }: { readonly stateTopic: string; readonly slot: string; readonly clock: Clock },
  state: CaptureState,
): LogRecord {
  const value = encodeCaptureState(state);
  return { topic: stateTopic, partition: 0, key: captureStateKey(slot), value, headers: [], timestampMs: clock.now() };
}

/** @throws TrucError CAPTURE_STATE_INVALID: without a state that can be read nothing is captured, for a wrong one would lose changes silently */
export function decodeCaptureState(bytes: Buffer): CaptureState {
  try {
    return captureState.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new TrucError('CAPTURE_STATE_INVALID', 'the stored state of the capture cannot be read, so that nobody knows how far it was', {
      cause,
    });
  }
}
