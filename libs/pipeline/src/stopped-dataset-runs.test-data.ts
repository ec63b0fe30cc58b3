import { Telemetry } from '@truc/telemetry';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { CaptureFlow } from './capture-flow.js';
import { readCaptureState } from './capture-start.js';
import type { CaptureState } from './capture-state.js';
import { clock } from './captured-residents.test-data.js';
import type { DatasetApart } from './dataset-apart.js';
import { resolveDatasetGap } from './dataset-gap-resolution.js';
import type { MemoryLog } from './memory-log.test-data.js';
import { captures, capturesOfCodes, datasets, ids, nameOf, type Choice, type SourceLog } from './stopped-dataset.test-data.js';

export const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });

/** What one run is given. */
export interface Attempt {
  readonly choices: readonly Choice[];
  readonly oneRowPerCode?: boolean;
  readonly nowMs?: number;
  readonly heldLogBytesMax?: number;
  readonly recordsUntilFailure?: number;
  /** In milliseconds; a run that is killed before has stored nothing. */
  readonly storeEveryMs?: number;
}

export function optionsOf(
  log: MemoryLog,
  source: SourceLog,
  { choices, heldLogBytesMax = 1_000_000, recordsUntilFailure, storeEveryMs = 1, oneRowPerCode = false, nowMs = clock.now() }: Attempt,
): CaptureFlowOptions {
  const tables = new Map(ids.map((table) => [nameOf(table), (oneRowPerCode ? capturesOfCodes : captures)[table]![choices[table]!]]));
  return {
    sourceId: 'g01.population',
    connector: 'postgresql',
    slot: 'truc_population',
    source: {
      stream: (start) => source.stream(start),
      tableMarks: () => Promise.resolve(source.tableMarks()),
      acknowledge: (sequence) => source.acknowledge(sequence),
      logBytesSince: (sequence) => Number(source.walEnd - sequence),
    },
    tables,
    release: 1,
    stateTopic: 't.state',
    quarantineSchemaIds: new Map(datasets.map(({ name }) => [name, 3])),
    openWriter: (partitions) => {
      log.mark(partitions);
      return Promise.resolve(log.writer(recordsUntilFailure));
    },
    reader: log.reader(),
    checkSource: (stored) => {
      if (stored !== null && stored.sequence < source.confirmed) throw new Error('confirmed past what is stored');
      return Promise.resolve({ systemIdentifier: '1', timeline: 1 });
    },
    clock: { now: () => nowMs },
    telemetry,
    storeEveryMs,
    heldLogBytesMax,
    judgedBy: choices.join(),
  };
}

/** @returns whether it ended in order, and what it told of datasets */
export async function run(
  log: MemoryLog,
  source: SourceLog,
  attempt: Attempt,
): Promise<{ isWhole: boolean; apart: readonly DatasetApart[] }> {
  let apart: readonly DatasetApart[] = [];
  const flow = new CaptureFlow({ ...optionsOf(log, source, attempt), onApart: (datasets) => (apart = datasets) });
  try {
    await flow.run(AbortSignal.timeout(20_000));
    return { isWhole: true, apart };
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'killed') throw error;
    return { isWhole: false, apart };
  }
}

export const stateOf = (log: MemoryLog, source: SourceLog): Promise<CaptureState | null> =>
  readCaptureState(optionsOf(log, source, { choices: ['stop', 'stop', 'stop'] }), AbortSignal.timeout(5_000));

export const resolve = (
  log: MemoryLog,
  source: SourceLog,
  { dataset, code }: { readonly dataset: string | null; readonly code: string },
  id: string,
) =>
  resolveDatasetGap(
    optionsOf(log, source, { choices: ['stop', 'stop', 'stop'] }),
    { dataset: dataset ?? '', gap: code, reason: 'test', by: 'test', commandId: id },
    AbortSignal.timeout(5_000),
  );
