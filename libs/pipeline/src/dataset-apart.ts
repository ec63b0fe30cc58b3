import { placeOf, resolveCommand, type CaptureGap } from './capture-gap.js';
import type { TableLag } from './table-lag.js';

/** What the source may be made to keep of its log where its document does not say, in bytes: 10 GiB. */
export const heldLogBytesDefault = 10 * 1024 ** 3;

/** A dataset that stands apart from the others of its source, for people. */
export interface DatasetApart {
  readonly dataset: string;
  readonly kind: 'stopped' | 'catching-up' | 'gap';
  /** Null while it catches up. */
  readonly code: string | null;
  /** What happened, where, and what to do. No value of a row. */
  readonly reason: string;
  /** Bytes of log that the source keeps for it; null where nothing is kept or nobody knows. */
  readonly heldBytes: number | null;
}

interface Apartness {
  readonly sourceId: string;
  readonly lags: readonly TableLag[];
  /** Open gaps of single datasets. */
  readonly gaps: readonly (CaptureGap & { readonly dataset: string })[];
  readonly heldBytesMax: number;
  readonly heldBytesOf: (sequence: bigint) => number | null;
}

export function datasetsApart({ sourceId, lags, gaps, heldBytesMax, heldBytesOf }: Apartness): DatasetApart[] {
  const { agency, database } = placeOf(sourceId);
  return [
    ...lags.map((lag): DatasetApart => {
      const { dataset, sequence } = lag;
      const heldBytes = heldBytesOf(sequence);
      if (lag.kind === 'catching-up') {
        const reason = `${dataset} is read on from where it stood; the other datasets of ${database} wait, as they have what comes`;
        return { dataset, kind: lag.kind, code: null, reason, heldBytes };
      }
      const reason =
        `${lag.reason}. Only ${dataset} is stopped. The source keeps its log for it, ${bytesText(heldBytes)} of at most ${bytesText(heldBytesMax)}; past that its changes are given up. ` +
        `It is tried again whenever mapping, choices or dictionary change, or by: truc agent resume ${agency} --source ${database}. ` +
        `To give up what is kept and read the table anew: ${resolveCommand(sourceId, lag.code, dataset)}`;
      return { dataset, kind: lag.kind, code: lag.code, reason, heldBytes };
    }),
    ...gaps.map(({ dataset, code, reason }): DatasetApart => {
      const told = `${reason}. Only ${dataset} is not captured until somebody resolves it, which takes a new snapshot of its table: ${resolveCommand(sourceId, code, dataset)}`;
      return { dataset, kind: 'gap', code, reason: told, heldBytes: null };
    }),
  ];
}

/** `1.5 GiB`. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return 'an unknown number of bytes';
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]!}`;
}
