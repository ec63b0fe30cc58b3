import { TrucError } from '@truc/kernel';

/** What a PostgreSQL snapshot can see, from `pg_current_snapshot()`: 64-bit ids of top transactions. */
export interface TransactionSnapshot {
  /** Every id below is finished. */
  readonly xmin: bigint;
  /** No id from here on is visible. */
  readonly xmax: bigint;
  /** Ids between the two that were still running, or were committed in the log and not yet visible. */
  readonly inProgress: ReadonlySet<bigint>;
}

/** @param text `xmin:xmax:xip,xip,...` @throws TrucError CAPTURE_SNAPSHOT_INVALID */
export function parseSnapshot(text: string): TransactionSnapshot {
  const [, xmin, xmax, list] = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(text) ?? [];
  if (xmin === undefined || xmax === undefined || list === undefined) {
    throw new TrucError(
      'CAPTURE_SNAPSHOT_INVALID',
      `"${text.slice(0, 80)}" is not a snapshot of transactions as pg_current_snapshot() writes it`,
    );
  }
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), inProgress: new Set(list === '' ? [] : list.split(',').map(BigInt)) };
}

/**
 * What a snapshot taken on a standby surely sees. There PostgreSQL keeps the running transactions in another place than `pg_current_snapshot()` lists, so that between `xmin` and
 * `xmax` none looks as if it were running. All of them are taken for unseen: of a row that one of them touched, the stream has something at least as new.
 */
export function standbySnapshot({ xmin }: TransactionSnapshot): TransactionSnapshot {
  return { xmin, xmax: xmin, inProgress: new Set() };
}

export function isVisible(snapshot: TransactionSnapshot, xid: bigint): boolean {
  if (xid < snapshot.xmin) return true;
  return xid < snapshot.xmax && !snapshot.inProgress.has(xid);
}

const EPOCH = 1n << 32n;

/**
 * The 64-bit id of a 32-bit id from the stream: the one nearest to `near`. PostgreSQL never lets two ids that are 2^31 apart both be in use, so for any
 * recent `near` the nearest is the right one, on either side of a wrap.
 */
export function widenXid(xid: number, near: bigint): bigint {
  const candidate = (near & ~(EPOCH - 1n)) | BigInt(xid);
  if (candidate - near > EPOCH / 2n && candidate >= EPOCH) return candidate - EPOCH;
  if (near - candidate > EPOCH / 2n) return candidate + EPOCH;
  return candidate;
}
