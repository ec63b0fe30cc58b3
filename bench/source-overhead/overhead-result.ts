import { median, medianOfKnown } from '../harness/median.js';
import { count, decimal, resultTable } from '../harness/result-table.js';
import type { RowKind } from './population.js';

/** `replica`: no logical decoding at all; `key` and `full`: wal_level = logical, with that replica identity. */
export type SourceSetting = 'replica' | 'key' | 'full';

/** For one change of one row, in one pass. */
export interface Measured {
  readonly kind: RowKind;
  readonly setting: SourceSetting;
  readonly change: 'update' | 'delete';
  readonly walBytes: number;
  /** Of the session that changes rows; CPU seconds for a million of them. Null without /proc. */
  readonly changeCpuSeconds: number | null;
  /** Of whoever decodes them for a slot. Null where there is none. */
  readonly decodeCpuSeconds: number | null;
  readonly sentBytes: number | null;
}

export interface OverheadResult {
  readonly bench: 'source-overhead';
  readonly rows: number;
  readonly runs: number;
  /** Bytes of a row by the planner's statistics: what is reckoned with beforehand. */
  readonly rowBytes: Readonly<Record<RowKind, number>>;
  /** Medians. */
  readonly lines: readonly Measured[];
  /** Bytes that the whole old row adds to the log for each change, over the key. */
  readonly addedByFull: readonly { readonly kind: RowKind; readonly change: 'update' | 'delete'; readonly bytes: number }[];
}

export function resultOf(about: Pick<OverheadResult, 'rows' | 'runs' | 'rowBytes'>, measured: readonly Measured[]): OverheadResult {
  const groups = Map.groupBy(measured, ({ kind, setting, change }) => `${kind} ${setting} ${change}`);
  const lines = [...groups.values()].flatMap(([first, ...more]): Measured[] => {
    if (first === undefined) return [];
    const all = [first, ...more];
    return [
      {
        ...first,
        walBytes: median(all.map(({ walBytes }) => walBytes)) ?? first.walBytes,
        changeCpuSeconds: medianOfKnown(all.map(({ changeCpuSeconds }) => changeCpuSeconds)),
        decodeCpuSeconds: medianOfKnown(all.map(({ decodeCpuSeconds }) => decodeCpuSeconds)),
        sentBytes: medianOfKnown(all.map(({ sentBytes }) => sentBytes)),
      },
    ];
  });
  const of = (kind: RowKind, setting: SourceSetting, change: string): number | null =>
    lines.find((line) => line.kind === kind && line.setting === setting && line.change === change)?.walBytes ?? null;
  const addedByFull = (['plain', 'portrait'] as const).flatMap((kind) =>
    (['update', 'delete'] as const).flatMap((change) => {
      const [key, full] = [of(kind, 'key', change), of(kind, 'full', change)];
      return key === null || full === null ? [] : [{ kind, change, bytes: full - key }];
    }),
  );
  return { bench: 'source-overhead', ...about, lines, addedByFull };
}

const names: Readonly<Record<SourceSetting, string>> = {
  replica: 'wal_level = replica',
  key: 'logical, key',
  full: 'logical, FULL',
};

export function resultLines({ rows, runs, rowBytes, lines, addedByFull }: OverheadResult): string {
  const table = resultTable([
    ['', 'log, B a change', 'CPU-s: session', 'decoding', 'sent, B'],
    ...lines.map(({ kind, setting, change, walBytes, changeCpuSeconds, decodeCpuSeconds, sentBytes }) => [
      `${kind} row, ${change}, ${names[setting]}`,
      count(walBytes),
      decimal(changeCpuSeconds),
      decimal(decodeCpuSeconds),
      count(sentBytes),
    ]),
  ]);
  const added = addedByFull.map(({ kind, change, bytes }) => `${kind} ${change}: ${count(bytes)} B`).join(', ');
  return `
${table}
${count(rows)} plain rows (a tenth of that with a portrait of 20 kB outside of the row), transactions of ten, medians of ${runs}; CPU seconds per million changes
pages had been written to the log since the last checkpoint, which real ones often have not: growth is at its highest here
FULL adds: ${added}; the width of a row by pg_stats is ${count(rowBytes.plain)} B (${count(rowBytes.portrait)} B with a portrait)
`;
}
