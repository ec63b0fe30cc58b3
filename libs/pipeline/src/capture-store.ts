import { setTimeout as sleep } from 'node:timers/promises';
import { TrucError } from '@truc/kernel';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { openDatasetGaps, openGap, withGap, type CaptureGap } from './capture-gap.js';
import { captureStateRecord, type CaptureState } from './capture-state.js';
import type { CaptureWatermark } from './capture-watermark.js';
import type { CoveredOffsets } from './covered-offsets.js';
import { bytesText, datasetsApart, heldLogBytesDefault } from './dataset-apart.js';
import type { LogWriter } from './log.js';
import type { ParentFeeds } from './parent-feeds.js';
import type { RecordBatches } from './record-batches.js';
import type { RowRereads } from './row-rereads.js';
import type { TableSnapshots } from './snapshot-plan.js';

type StoreOptions = Pick<
  CaptureFlowOptions,
  'sourceId' | 'slot' | 'stateTopic' | 'source' | 'clock' | 'telemetry' | 'storeEveryMs' | 'heldLogBytesMax' | 'onApart'
>;

/** What of a run is stored. */
export interface StoredParts {
  readonly watermark: CaptureWatermark;
  readonly offsets: CoveredOffsets;
  readonly tables: TableSnapshots;
  readonly rereads: RowRereads;
  readonly parents: ParentFeeds;
}

/** The state of one run: what the log has of it, and the order of durability in which it moves on, data, state, slot. */
export class CaptureStore {
  readonly #options: StoreOptions;
  readonly #writer: LogWriter;
  readonly #batches: RecordBatches;
  #state: CaptureState | null = null;
  /** Datasets that were told of as standing apart. */
  #apart: ReadonlySet<string> = new Set();

  constructor(options: StoreOptions, writer: LogWriter, batches: RecordBatches) {
    this.#options = options;
    this.#writer = writer;
    this.#batches = batches;
  }

  /** What the log has; null where there is none. */
  get found(): CaptureState | null {
    return this.#state;
  }

  /** @throws TrucError CAPTURE_NOT_STARTED */
  get stored(): CaptureState {
    if (this.#state === null) throw new TrucError('CAPTURE_NOT_STARTED', 'the state is asked for and was not read yet');
    return this.#state;
  }

  /** It was read from the log. */
  read(state: CaptureState | null): void {
    this.#state = state;
  }

  async write(state: CaptureState): Promise<void> {
    await this.#writer.write([captureStateRecord(this.#options, state)]);
    await this.#writer.flush();
    this.#state = state;
  }

  /** Until `signal` aborts. */
  async keepStoring(parts: StoredParts, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.store(parts);
      await sleep(this.#options.storeEveryMs ?? 1_000, undefined, { signal }).catch(() => {});
    }
  }

  /** Data acknowledged, then state, then the slot. */
  async store({ watermark, offsets, tables, rereads, parents }: StoredParts): Promise<void> {
    const given = this.#givenUp(watermark);
    const point = watermark.take();
    if (point === null) {
      if (watermark.stopped.length > 0) this.tellApart();
      return;
    }
    const { sequence, lags, confirmed, committedAtMs } = point;
    // What earlier runs sent by other rules comes again with its positions, and counts as published by them until it is through.
    const isThrough = (table: string): boolean => offsets.isThrough && !lags.some((lag) => lag.table === table);
    const judgedBy = rereads.judgedBy(this.stored.judgedBy, isThrough);
    const endOffsets = offsets.take();
    const snapshots = tables.withProgress(point.snapshots);
    const marks = parents.save();
    const { floor } = parents;
    await this.#batches.acknowledged();
    const acknowledgedOffsets = { ...this.stored.acknowledgedOffsets, ...Object.fromEntries(this.#writer.endOffsets()) };
    const gaps = given.reduce(withGap, this.stored.gaps);
    await this.write({ ...this.stored, sequence, lags, gaps, snapshots, parents: marks, endOffsets, acknowledgedOffsets, judgedBy });
    parents.saved(marks);
    this.#options.source.acknowledge(floor === null || floor > confirmed ? confirmed : floor);
    this.tellApart();
    if (committedAtMs !== null) {
      const { telemetry, clock, sourceId } = this.#options;
      telemetry.record('truc_capture_lag', Math.max(0, clock.now() - committedAtMs) / 1000, { source: sourceId });
    }
  }

  /**
   * Where there is a state, the gap goes into it, so that it outlives whatever the source looks like later. Where there is none, its absence is what lasts.
   * @throws TrucError of the log: a gap that could not be noted must not stop the flow, which would be begun again when the source may look sound, but be found anew at once
   */
  async noteGap(error: TrucError): Promise<void> {
    const { clock, telemetry, sourceId } = this.#options;
    telemetry.record('truc_capture_gap', 1, { source: sourceId, code: error.code });
    const state = this.#state;
    if (state === null || openGap(state.gaps) !== null) return;
    const { epoch, sequence } = state;
    const gap = { code: error.code, reason: error.message, epoch, sequence, foundAtMs: clock.now(), dataset: null, resolution: null };
    await this.write({ ...state, gaps: withGap(state.gaps, gap) });
  }

  /** Tells of the datasets that stand apart, as it is stored. @param all datasets of the source, at the start of a run */
  tellApart(all: readonly string[] = []): void {
    for (const dataset of all) this.#tellTogether(dataset);
    const { source, sourceId, telemetry, heldLogBytesMax: heldBytesMax = heldLogBytesDefault, onApart } = this.#options;
    const { lags, gaps } = this.stored;
    const heldBytesOf = (sequence: bigint): number | null => source.logBytesSince?.(sequence) ?? null;
    const open = openDatasetGaps(gaps);
    for (const { code } of open) telemetry.record('truc_capture_gap', 1, { source: sourceId, code });
    const apart = datasetsApart({ sourceId, lags, gaps: open, heldBytesMax, heldBytesOf });
    for (const { dataset, kind, heldBytes } of apart) {
      telemetry.record('truc_capture_dataset_state', kind === 'catching-up' ? 0 : -1, { dataset });
      telemetry.record('truc_capture_held_bytes', heldBytes ?? 0, { dataset });
    }
    const names = new Set(apart.map(({ dataset }) => dataset));
    for (const dataset of this.#apart) if (!names.has(dataset)) this.#tellTogether(dataset);
    this.#apart = names;
    onApart?.(apart);
  }

  #tellTogether(dataset: string): void {
    this.#options.telemetry.record('truc_capture_dataset_state', 1, { dataset });
    this.#options.telemetry.record('truc_capture_held_bytes', 0, { dataset });
  }

  /** Stopped tables for which the source would have to keep more than it grants are given up: from the next stored point on each has a gap, and the slot moves on. */
  #givenUp(watermark: CaptureWatermark): CaptureGap[] {
    const { source, clock, heldLogBytesMax = heldLogBytesDefault } = this.#options;
    return watermark.stopped.flatMap(({ table, dataset, sequence, code, reason }) => {
      const bytes = source.logBytesSince?.(sequence) ?? null;
      if (bytes === null || bytes <= heldLogBytesMax) return [];
      watermark.giveUp(table);
      source.leaveTable?.(table);
      const told =
        `${dataset} was stopped (${code}: ${reason}), and the source kept ${bytesText(bytes)} of its log for it, more than the ${bytesText(heldLogBytesMax)} that its document grants ` +
        `(heldLogBytesMax): changes of ${table} after position ${this.stored.epoch}/${sequence} are kept no longer`;
      const { epoch } = this.stored;
      return [
        {
          code: 'CAPTURE_HOLD_EXCEEDED',
          reason: told,
          epoch,
          sequence,
          foundAtMs: clock.now(),
          dataset,
          resolution: null,
        } satisfies CaptureGap,
      ];
    });
  }
}
