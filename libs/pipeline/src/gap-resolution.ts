import { maxPosition, TrucError, type Position } from '@truc/kernel';
import { isGap, openGap, withGap, withResolved, type CaptureGap } from './capture-gap.js';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { judgeStart, readCaptureState, readHighestSent } from './capture-start.js';
import { captureStateRecord, type CaptureState } from './capture-state.js';
import { highestOf } from './sent-position.js';

/** What a person decided. */
export interface GapResolution {
  /** The code of the gap that is meant. */
  readonly gap: string;
  readonly reason: string;
  readonly by: string;
  /** A command may come twice: the second time it finds what the first one did. */
  readonly commandId: string;
}

interface FoundGap {
  readonly stored: CaptureState | null;
  readonly sent: Position | null;
  readonly gap: Omit<CaptureGap, 'resolution'> | null;
}

/**
 * Ends a gap: a new epoch, in which every table is snapshotted anew and the slot is dropped and made again. Nothing is read from the source here; the flow does all
 * of it when it starts next, and again after a crash, for all of it stands in the state.
 * @returns the epoch that was begun
 * @throws TrucError CAPTURE_GAP_NONE when no gap is open, CAPTURE_GAP_DIFFERS when it is another one; those of the log and the source
 */
export async function resolveGap(options: CaptureFlowOptions, resolution: GapResolution, signal: AbortSignal): Promise<number> {
  // Looked at before the writer is opened, which would fence a flow that is running well somewhere.
  const done = epochOf(await findGap(options, signal), resolution);
  if (done !== null) return done;
  const writer = await options.openWriter([{ topic: options.stateTopic, partition: 0 }]);
  try {
    const found = await findGap(options, signal);
    const doneMeanwhile = epochOf(found, resolution);
    if (doneMeanwhile !== null) return doneMeanwhile;
    const state = resolvedState(found, resolution, options.clock.now());
    await writer.write([captureStateRecord(options, state)]);
    await writer.flush();
    return state.epoch;
  } finally {
    await writer.close().catch(() => {});
  }
}

async function findGap(options: CaptureFlowOptions, signal: AbortSignal): Promise<FoundGap> {
  let stored: CaptureState | null = null;
  let gap: FoundGap['gap'] = null;
  let sent: Position | null = null;
  try {
    stored = await readCaptureState(options, signal);
    sent = highestOf(await readHighestSent(options, stored, signal));
    gap = openGap(stored?.gaps ?? []);
    if (gap === null) await judgeStart(options, stored, sent);
  } catch (error) {
    if (!isGap(error)) throw error;
    sent ??= highestOf(await readHighestSent(options, stored, signal));
    const { epoch, sequence } = stored ?? { epoch: sent?.epoch ?? 1, sequence: 0n };
    gap = { code: error.code, reason: error.message, epoch, sequence, foundAtMs: options.clock.now(), dataset: null };
  }
  return { stored, sent, gap };
}

/** The epoch that this very command has begun already, null where the open gap is the one that it means. */
function epochOf({ stored, gap }: FoundGap, { gap: meant, commandId }: GapResolution): number | null {
  const earlier = stored?.gaps.find(({ resolution }) => resolution?.commandId === commandId)?.resolution;
  if (earlier) return earlier.epoch;
  if (gap === null) throw new TrucError('CAPTURE_GAP_NONE', 'no gap is open at this source, and nothing was changed');
  if (gap.code === meant) return null;
  throw new TrucError('CAPTURE_GAP_DIFFERS', `the gap that is open is ${gap.code} and not ${meant}; nothing was changed. ${gap.reason}`);
}

/** Higher than anything that was ever sent or stored; all keys of earlier epochs that the new snapshots do not find are swept at their ends. */
function resolvedState({ stored, sent, gap }: FoundGap, { reason, by, commandId }: GapResolution, nowMs: number): CaptureState {
  const before = stored === null ? null : { epoch: stored.epoch, sequence: stored.sequence, index: 0 };
  const epoch = (maxPosition(before, sent)?.epoch ?? 0) + 1;
  const resolution = { atMs: nowMs, by, reason, commandId, epoch };
  // Whatever was open of single datasets ends with it: their tables are snapshotted anew with all others.
  const gaps = withResolved(stored?.gaps ?? [], resolution);
  return {
    sequence: 0n,
    lags: [],
    epoch,
    systemIdentifier: null,
    timeline: null,
    // A log that lost its end grows again below the offsets that are stored: the next start looks through all of it.
    endOffsets: {},
    // The new epoch sends every row again, so nothing that was acknowledged before it can be missed.
    acknowledgedOffsets: {},
    snapshots: [],
    parents: [],
    gaps:
      gap === null || gaps.some((one) => one.resolution === resolution && one.dataset === null)
        ? gaps
        : withGap(gaps, { ...gap, resolution }),
    isSlotStale: true,
    judgedBy: stored?.judgedBy ?? {},
  };
}
