import { maxPosition, TrucError, type Position } from '@truc/kernel';
import { checkLogHolds } from './acknowledged-log.js';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { openDatasetGaps, openGap, withGap, type CaptureGap } from './capture-gap.js';
import { judgeStart, readHighestSent, readStoredState } from './capture-start.js';
import type { CaptureStore } from './capture-store.js';
import { CaptureWatermark } from './capture-watermark.js';
import type { ChangeSourceStart } from './change-source.js';
import { CoveredOffsets } from './covered-offsets.js';
import type { DatasetCapture } from './dataset-capture.js';
import type { LiveCodes } from './live-codes.js';
import type { LogWriter } from './log.js';
import { indexedTables, openParents, ParentFeeds } from './parent-feeds.js';
import { scanToEnd } from './log-scan.js';
import { QuarantineBook } from './quarantine-book.js';
import type { RecordBatches } from './record-batches.js';
import { REPLAY_TOO_OLD, replayMsMaxDefault } from './replay-age.js';
import { keepingCodes, restoreAllLiveCodes, takeIntendedCodes } from './restored-live-codes.js';
import { restoreQuarantine } from './restored-quarantine.js';
import { RowPublication } from './row-publication.js';
import { RowRereads } from './row-rereads.js';
import { highestOf } from './sent-position.js';
import { gapsAtStart, withInterruptions } from './start-gaps.js';
import { beginOf, planSnapshots, TableSnapshots, type StreamPoint, type TableSnapshot } from './snapshot-plan.js';
import { TablePositions, type StopPoint, type TableGate } from './table-positions.js';
import { TableSweeper } from './table-sweeper.js';

/** What one run has in its hands. */
export interface CaptureRun {
  readonly start: ChangeSourceStart;
  readonly signal: AbortSignal;
  /** What is captured, by `schema.table`: tables with an open gap are not. */
  readonly captures: ReadonlyMap<string, DatasetCapture>;
  readonly rows: RowPublication;
  /** By `schema.table`. */
  readonly books: ReadonlyMap<string, QuarantineBook>;
  /** By `schema.table`, of the datasets that allow one row per code. */
  readonly liveCodes: ReadonlyMap<string, LiveCodes>;
  readonly rereads: RowRereads;
  readonly parents: ParentFeeds;
  readonly sweeper: TableSweeper;
  readonly tables: TableSnapshots;
  readonly watermark: CaptureWatermark;
  readonly offsets: CoveredOffsets;
  /** Has quarantine say again on the log what it said of a table at this sequence. */
  rollBack(table: string, sequence: bigint): Promise<void>;
}

interface RunHands {
  readonly store: CaptureStore;
  readonly batches: RecordBatches;
  readonly writer: LogWriter;
  readonly signal: AbortSignal;
}

/**
 * Finds out where a run begins, and makes the log say the same: (1) the stored state is read, and the log is judged by it; (2) what was sent after it is looked at; (3) the source is judged;
 * (4) quarantine and the codes of rows are read, each up to where its table stands.
 * @throws TrucError the gaps; those of the log and the source
 */
export async function openCaptureRun(options: CaptureFlowOptions, { store, writer, signal }: RunHands): Promise<CaptureRun> {
  const { sourceId, connector, release, clock, telemetry, judgedBy: judgement = `release ${release}` } = options;
  const state = await readStoredState(options, signal);
  const before = state?.state ?? null;
  store.read(before);
  if (before !== null && openGap(before.gaps) === null) await checkLogHolds(options, before, signal);
  const sentTo = await readHighestSent(options, before, signal);
  const sent = highestOf(sentTo);
  // Ahead of any judgement of the source: the slot of a former epoch is none that could be judged.
  if (before?.isSlotStale === true && openGap(before.gaps) === null) await options.dropSlot?.();
  const identity = await judgeStart(options, before, sent);
  for (const { code } of before?.gaps ?? []) telemetry.record('truc_capture_gap', 0, { source: sourceId, code });
  const began = { epoch: before?.epoch ?? 1, sequence: before?.sequence ?? 0n, snapshots: before?.snapshots ?? [] };
  const at = { epoch: began.epoch, nowMs: clock.now() };
  const tables = new Map([...options.tables].map(([table, { dataset }]) => [table, { dataset: dataset.name, topic: dataset.topic }]));
  const found = gapsAtStart({ gaps: before?.gaps ?? [], lags: before?.lags ?? [], tables, at });
  const known = withoutGaps(options.tables, found.gaps);
  const topics = new Map([...known].map(([table, { dataset }]) => [table, dataset.topic]));
  const marks = (await options.source.tableMarks?.()) ?? null;
  const indexed = indexedTables(known, before?.parents ?? []);
  const plan = await planSnapshots(began, topics, (topic) => holdsEvents(options, topic, signal), marks, {
    indexed,
    withCodes: keepingCodes(known),
  });
  const { interrupted } = plan;
  const standingOf = (table: string): bigint => before?.lags.find((lag) => lag.table === table)?.sequence ?? began.sequence;
  const { gaps: open, told } = withInterruptions(found, [...interrupted.keys()], { tables, at, standing: standingOf });
  for (const { dataset, sentence } of told) options.tell?.(dataset, sentence);
  const parents = openParents(
    known,
    { ...began, marks: before?.parents ?? [], anew: new Set(plan.anew) },
    options.openParentEntries,
    at.nowMs,
  );
  const gaps = parents.gaps.reduce(withGap, open);
  const captures = withoutGaps(known, gaps);
  const planned = plan.snapshots.filter(({ table }) => captures.has(table));
  /** Other rules judge the table than did before. */
  const isJudgedAnew = (table: string): boolean =>
    before?.snapshots.some((one) => one.table === table) === true && before.judgedBy[table] !== judgement;
  const snapshots = planned.map((snapshot) => (isJudgedAnew(snapshot.table) ? mayBePublished(snapshot) : snapshot));
  const behindSent = (topic: string): StopPoint | null => {
    const last = sentTo.get(topic);
    return last?.epoch === began.epoch ? { sequence: last.sequence, index: last.index + 1 } : null;
  };
  const begins = new Map(snapshots.map((snapshot) => [snapshot.table, beginOf(snapshot, began.epoch)]));
  const places = new Map(
    [...captures].map(([table, capture]) => {
      const { name: dataset, topic } = capture.dataset;
      return [table, { dataset, topic, sentBelow: behindSent(topic), begins: begins.get(table) ?? null }];
    }),
  );
  // What is kept for a table of which nothing of it is taken is not needed.
  const lags = (before?.lags ?? []).filter(({ table }) => interrupted.get(table)?.isCutOff !== true);
  const positions = new TablePositions({ sequence: began.sequence, lags }, places, () => clock.now());
  signal.throwIfAborted();
  // Written before the slot exists, so that a slot that is found later is known to be ours.
  await store.write({
    ...began,
    lags: positions.point().lags,
    systemIdentifier: identity.systemIdentifier,
    timeline: identity.timeline,
    endOffsets: before?.endOffsets ?? {},
    acknowledgedOffsets: before?.acknowledgedOffsets ?? {},
    snapshots,
    parents: parents.marks,
    gaps,
    isSlotStale: false,
    // From here on it is this judgement's, and not all of it yet: whatever ends this run, the next one has to know that two have judged.
    judgedBy: Object.fromEntries([...captures.keys()].flatMap((table) => (isJudgedAnew(table) ? [] : [[table, judgement]]))),
  });
  const { epoch, sequence, endOffsets, judgedBy } = store.stored;
  const rereads = new RowRereads(judgedBy, judgement);
  /** Whether what a table was left with, beyond where it stands, is older than what the log is sure to have. */
  const isOld = (table: string): boolean => {
    const lag = before?.lags.find((one) => one.table === table && one.kind === 'stopped');
    if (lag?.kind === 'stopped' && lag.code === REPLAY_TOO_OLD) return true;
    const leftAtMs = lag?.kind === 'stopped' ? lag.sinceMs : (state?.atMs ?? at.nowMs);
    return at.nowMs - leftAtMs > (options.replayMsMax ?? replayMsMaxDefault);
  };
  const standing = (table: string) => ({ epoch, sequence: positions.startOf(table), isOld: isOld(table) });
  const books = await restoreBooks(options, captures, standing, positions, writer, signal);
  const liveCodes = await restoreAllLiveCodes(captures, snapshots, standing, { ...options, signal }, positions);
  takeIntendedCodes(liveCodes, books, snapshots);
  // Of the stored epoch: what was sent in it reaches up to here, by whichever table.
  const highestSent = sent?.epoch === epoch && sent.sequence > sequence ? sent.sequence : sequence;
  for (const [table, error] of parents.failures) positions.stop(table, error);
  const watermark = new CaptureWatermark(positions, snapshots);
  const parts = { ...options, tables: captures, books, epoch };
  const sentBelow = (table: string): Position | null => {
    const stop = positions.stoppedAt(table);
    const behindLast = isJudgedAnew(table) ? (places.get(table)?.sentBelow ?? null) : null;
    return maxPosition(stop === null ? null : { epoch, ...stop }, behindLast === null ? null : { epoch, ...behindLast });
  };
  const rows = new RowPublication({ ...parts, sourceId, connector, release, liveCodes, gate: watermark, sentBelow });
  return {
    start: {
      after: positions.start,
      ...(marks === null ? {} : { marks: new Map(snapshots.map(({ table, mark }) => [table, mark])) }),
      snapshots: snapshots.filter(({ done }) => !done),
      rereads: rereads.wanted(
        books,
        (options.rereads ?? []).filter(({ table }) => captures.has(table)),
      ),
      identity,
      highestSent,
    },
    signal,
    captures,
    rows,
    books,
    liveCodes,
    rereads,
    sweeper: new TableSweeper({ ...parts, rows, writer, signal }),
    tables: new TableSnapshots(snapshots),
    parents: new ParentFeeds(captures, parents, watermark, positions.start),
    watermark,
    offsets: new CoveredOffsets(endOffsets, highestSent),
    rollBack: async (table, sequence) => {
      const { quarantineTopic: topic, name } = captures.get(table)!.dataset;
      await writer.flush();
      const stood = { topic, schemaId: options.quarantineSchemaIds.get(name)!, stored: { epoch, sequence } };
      const book = await restoreQuarantine(stood, { ...options, writer, signal });
      telemetry.record('truc_capture_quarantine_rows', book.size, { dataset: name });
    },
  };
}

/** Of a table that is read while other rules than before come to judge it: a row that they refuse may be on the log as the ones before let it pass. */
function mayBePublished(snapshot: TableSnapshot): TableSnapshot {
  return snapshot.done ? snapshot : { ...snapshot, sweeps: true };
}

function withoutGaps(tables: ReadonlyMap<string, DatasetCapture>, gaps: readonly CaptureGap[]): ReadonlyMap<string, DatasetCapture> {
  const open = new Set(openDatasetGaps(gaps).map(({ dataset }) => dataset));
  return new Map([...tables].filter(([, { dataset }]) => !open.has(dataset.name)));
}

async function restoreBooks(
  { quarantineSchemaIds, reader, clock, telemetry }: CaptureFlowOptions,
  captures: ReadonlyMap<string, DatasetCapture>,
  standing: (table: string) => StreamPoint & { readonly isOld: boolean },
  gate: Pick<TableGate, 'stop'>,
  writer: LogWriter,
  signal: AbortSignal,
): Promise<Map<string, QuarantineBook>> {
  const books = new Map<string, QuarantineBook>();
  for (const [table, { dataset }] of captures) {
    const { name, quarantineTopic: topic } = dataset;
    const schemaId = quarantineSchemaIds.get(name);
    if (schemaId === undefined) throw new TrucError('CAPTURE_SCHEMA_MISSING', `no schema is registered for ${topic}`, { retry: true });
    const { isOld, ...stored } = standing(table);
    const book = await restoreQuarantine({ topic, schemaId, stored, isOld }, { reader, writer, clock, signal }).catch((error: unknown) => {
      gate.stop(table, error);
      return new QuarantineBook(topic, schemaId);
    });
    books.set(table, book);
    telemetry.record('truc_capture_quarantine_rows', book.size, { dataset: name });
  }
  return books;
}

/** Whether anything at all was ever published there; the marks of writers that were opened do not count. */
async function holdsEvents({ tables, reader }: CaptureFlowOptions, topic: string, signal: AbortSignal): Promise<boolean> {
  const dataset = [...tables.values()].find(({ dataset }) => dataset.topic === topic)?.dataset;
  for (let partition = 0; partition < (dataset?.partitions ?? 0); partition += 1) {
    for await (const _ of scanToEnd(reader, topic, partition, -2n, signal)) return true;
  }
  return false;
}
