import { withGap, withResolved, type CaptureGap } from './capture-gap.js';
import type { TableLag } from './table-lag.js';

/** Of a table that was taken out of what its source publishes, or made anew. */
export const TABLE_INTERRUPTED = 'CAPTURE_TABLE_INTERRUPTED';

export interface StartingTable {
  readonly dataset: string;
  readonly topic: string;
}

interface StartingGaps {
  readonly gaps: readonly CaptureGap[];
  readonly lags: readonly TableLag[];
  /** What the policy captures, by `schema.table`. */
  readonly tables: ReadonlyMap<string, StartingTable>;
  readonly at: { readonly epoch: number; readonly nowMs: number };
}

/** The gaps as a start finds them, and what a person should know of it, by dataset. */
export interface GapsAtStart {
  readonly gaps: readonly CaptureGap[];
  readonly told: readonly { readonly dataset: string; readonly sentence: string }[];
}

/**
 * - A dataset whose table is not captured any more has no gap: where it comes back it is read anew.
 * - What was kept for a stopped table that the policy does not capture any more, or into another topic, is not published: a gap, that the policy resolves in the same breath.
 */
export function gapsAtStart({ gaps, lags, tables, at }: StartingGaps): GapsAtStart {
  const captured = new Set([...tables.values()].map(({ dataset }) => dataset));
  const resolution = { atMs: at.nowMs, by: 'policy', reason: 'the dataset is not captured any more', commandId: 'policy', epoch: at.epoch };
  const open = withResolved(gaps, resolution, ({ dataset }) => dataset !== null && !captured.has(dataset));
  const forgotten = lags.filter(({ table, topic }) => tables.get(table)?.topic !== topic);
  const found = forgotten.map((lag): CaptureGap => {
    const { table, dataset, topic, sequence } = lag;
    const [code, why] =
      lag.kind === 'stopped' ? [lag.code, `stopped (${lag.code}: ${lag.reason})`] : ['CAPTURE_HOLD_EXCEEDED', 'behind its source'];
    const reason = `${dataset} was ${why}, and the policy captures ${table} no longer into ${topic}: changes after position ${at.epoch}/${sequence} are not published there`;
    return { code, reason, epoch: at.epoch, sequence, foundAtMs: at.nowMs, dataset, resolution };
  });
  return { gaps: found.reduce(withGap, open), told: found.map(({ dataset, reason }) => ({ dataset: dataset!, sentence: reason })) };
}

/** The gaps with those of tables whose changes were not published for a while. Their tables are read anew, which is all that can be done. @param standing where each table stood */
export function withInterruptions(
  { gaps, told }: GapsAtStart,
  interrupted: readonly string[],
  { tables, at, standing }: Pick<StartingGaps, 'tables' | 'at'> & { readonly standing: (table: string) => bigint },
): GapsAtStart {
  const found = interrupted.flatMap((table): CaptureGap[] => {
    const dataset = tables.get(table)?.dataset;
    if (dataset === undefined) return [];
    const sequence = standing(table);
    const reason =
      `${table} was not published by its source for a while, or is another table than before, or lost or got a partition with its rows: changes of it after position ${at.epoch}/${sequence} ` +
      `may not have been published one by one. ${dataset} is read anew, and what is not there any more is deleted`;
    const resolution = { atMs: at.nowMs, by: 'agent', reason: 'the table is read anew', commandId: 'agent', epoch: at.epoch };
    return [{ code: TABLE_INTERRUPTED, reason, epoch: at.epoch, sequence, foundAtMs: at.nowMs, dataset, resolution }];
  });
  return {
    gaps: found.reduce(withGap, gaps),
    told: [...told, ...found.map(({ dataset, reason }) => ({ dataset: dataset!, sentence: reason }))],
  };
}
