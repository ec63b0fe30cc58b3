import { TrucError } from '@truc/kernel';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { openDatasetGaps, openGap, withGap, withResolved, type CaptureGap } from './capture-gap.js';
import { readCaptureState } from './capture-start.js';
import { captureStateRecord, type CaptureState } from './capture-state.js';
import type { GapResolution } from './gap-resolution.js';
import { unread } from './snapshot-plan.js';

/** What a person decided of one dataset. */
export interface DatasetGapResolution extends GapResolution {
  readonly dataset: string;
}

type ResolutionOptions = Pick<
  CaptureFlowOptions,
  'reader' | 'stateTopic' | 'slot' | 'tables' | 'sourceId' | 'checkSource' | 'openWriter' | 'clock'
>;

/**
 * Whether {@link resolveDatasetGap} would do what it is asked, by what is stored now. For who has to end the capture first: one that is ended again and again gets nowhere.
 * @returns false where this very command has done it already
 * @throws as {@link resolveDatasetGap}
 */
export async function checkDatasetGap(
  options: Omit<ResolutionOptions, 'openWriter'>,
  resolution: DatasetGapResolution,
  signal: AbortSignal,
): Promise<boolean> {
  return resolvedState(options, await readCaptureState(options, signal), resolution, options.clock.now()) !== null;
}

/**
 * Ends the gap of one dataset, or gives up what is kept for one that is stopped: its table is snapshotted anew, and what the snapshot does not find is deleted. The epoch stays, for the positions of
 * the source go on in one line. Nothing may be capturing the source meanwhile.
 * @throws TrucError CAPTURE_GAP_NONE when the dataset has none and is not stopped, CAPTURE_GAP_DIFFERS when it is another one, CAPTURE_GAP_EARLY (retry); those of the log
 */
export async function resolveDatasetGap(options: ResolutionOptions, resolution: DatasetGapResolution, signal: AbortSignal): Promise<void> {
  const { stateTopic, clock, openWriter } = options;
  if (!(await checkDatasetGap(options, resolution, signal))) return;
  const writer = await openWriter([{ topic: stateTopic, partition: 0 }]);
  try {
    const state = resolvedState(options, await readCaptureState(options, signal), resolution, clock.now());
    if (state === null) return;
    await writer.write([captureStateRecord(options, state)]);
    await writer.flush();
  } finally {
    await writer.close().catch(() => {});
  }
}

/** Null where this very command has done it already. */
function resolvedState(
  { tables }: Pick<ResolutionOptions, 'tables'>,
  stored: CaptureState | null,
  { dataset, gap: meant, by, reason, commandId }: DatasetGapResolution,
  nowMs: number,
): CaptureState | null {
  if (stored?.gaps.some(({ resolution }) => resolution?.commandId === commandId) === true) return null;
  const none = (why: string): never => {
    throw new TrucError('CAPTURE_GAP_NONE', `${why}, and nothing was changed`);
  };
  const [found] = [...tables].filter(([, capture]) => capture.dataset.name === dataset);
  if (stored === null || found === undefined) return none(`the dataset ${dataset} is not captured here`);
  if (openGap(stored.gaps) !== null) return none('a gap of the whole source is open, whose resolution ends those of its datasets too');
  const open = gapOf(stored, dataset) ?? none(`the dataset ${dataset} has no gap and is not stopped`);
  if (open.code !== meant)
    throw new TrucError(
      'CAPTURE_GAP_DIFFERS',
      `what stands open of ${dataset} is ${open.code} and not ${meant}; nothing was changed. ${open.reason}`,
    );
  const { epoch, sequence } = stored;
  // What it stopped at, and all that it may have published, has to lie below where its snapshot begins.
  const stoppedAt = stored.lags.find((one) => one.dataset === dataset)?.stoppedAt.sequence ?? 0n;
  if (open.sequence >= sequence || stoppedAt >= sequence)
    throw new TrucError('CAPTURE_GAP_EARLY', `the others of the source are not past what stopped ${dataset} yet: repeat it in a moment`, {
      retry: true,
    });
  const decided = { atMs: nowMs, by, reason, commandId, epoch };
  const gaps = withResolved(withGap(stored.gaps, { ...open, resolution: null }), decided, (one) => one.dataset === dataset);
  const [table, { dataset: policy }] = found;
  const snapshots = [
    ...stored.snapshots.filter((snapshot) => snapshot.table !== table),
    { ...unread(table), topic: policy.topic, mark: null, since: { epoch, sequence }, begins: sequence, sweeps: true },
  ];
  // An index of its parents goes with what was read of the table.
  const parents = stored.parents.filter((index) => index.table !== table);
  return { ...stored, gaps, snapshots, parents, lags: stored.lags.filter((lag) => lag.table !== table) };
}

/** Its open gap, or what it is stopped for. */
function gapOf({ gaps, lags, epoch }: CaptureState, dataset: string): Omit<CaptureGap, 'resolution'> | null {
  const open = openDatasetGaps(gaps).find((gap) => gap.dataset === dataset);
  if (open !== undefined) return open;
  const lag = lags.find((one) => one.dataset === dataset);
  if (lag?.kind !== 'stopped') return null;
  const { code, reason, sequence, sinceMs: foundAtMs } = lag;
  return { code, reason, sequence, foundAtMs, epoch, dataset };
}
