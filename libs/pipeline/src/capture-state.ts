import { TrucError } from '@truc/kernel';
import { z } from 'zod';
import type { SnapshotProgress } from './change-source.js';

const sequence = z
  .string()
  .regex(/^[0-9]{1,20}$/)
  .transform((text) => BigInt(text));

const snapshotProgress = z.strictObject({
  table: z.string().min(1),
  lastKey: z.array(z.string()).nullable(),
  rowsRead: z.int().nonnegative(),
  rowsEstimated: z.number().nonnegative(),
  done: z.boolean(),
});

const captureState = z.strictObject({
  /** What is durable downstream: everything at or below it is on the log and acknowledged. */
  sequence,
  epoch: z.int().positive(),
  /** The server that the sequence belongs to. */
  systemIdentifier: z.string().nullable(),
  timeline: z.int().nullable(),
  /** Next offset of every partition when this was stored, by `topic/partition`: where a start begins to look for what was sent after it. */
  endOffsets: z.record(z.string(), sequence),
  snapshots: z.array(snapshotProgress),
});

/** The durable state of one captured source; one record of `state.<agency>` with the key `slot/<slot>`. */
export interface CaptureState extends Omit<z.infer<typeof captureState>, 'snapshots'> {
  readonly snapshots: readonly SnapshotProgress[];
}

export function captureStateKey(slot: string): Buffer {
  return Buffer.from(`slot/${slot}`);
}

export function encodeCaptureState(state: CaptureState): Buffer {
  return Buffer.from(JSON.stringify(state, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)));
}

/** @throws TrucError CAPTURE_STATE_INVALID: without a state that can be read nothing is captured, for a wrong one would lose changes silently */
export function decodeCaptureState(bytes: Buffer): CaptureState {
  try {
    return captureState.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new TrucError(
      'CAPTURE_STATE_INVALID',
      'the stored state of the capture cannot be read: restore its topic, or start a new epoch with a snapshot',
      { cause },
    );
  }
}
