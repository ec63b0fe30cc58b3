import { isVisible, widenXid, type TransactionSnapshot } from './transaction-snapshot.js';

/** Keys of one table that a transaction touched; `all` after a truncate. */
type Touched = Set<string> | 'all';

interface TouchedByTransaction {
  readonly tables: Map<string, Touched>;
  bytes: number;
}

export type ChunkVerdict =
  /** Rows whose key `isTouched` are stale: the stream has already carried something newer. */
  | { readonly kind: 'usable'; readonly isTouched: (key: string) => boolean }
  /** A transaction that the chunk does not see may have been streamed with keys that are not known here. The chunk is read again later. */
  | { readonly kind: 'unusable'; readonly waitingFor: readonly bigint[] };

/** Rough cost of a transaction and of a key in the maps, on top of the key's own characters. */
const TRANSACTION_BYTES = 300;
const KEY_BYTES = 80;

/**
 * What the stream has carried that a chunk of a snapshot may not have seen, by transaction.
 *
 * Commit order in the log is not the order in which commits become visible, so a chunk can be stale for a transaction whose events went by before the chunk
 * was even begun:
 *
 * 1. Transaction T updates row r and writes its commit record at LSN 100. It waits for a synchronous standby; until then nobody sees it.
 * 2. The walsender decodes T and r's new version goes out at position 100.
 * 3. A chunk is read. Its snapshot lists T as in progress; it has the old version of r.
 * 4. The chunk's watermark commits at LSN 200, and the chunk is due at position 200: the old r would land above the new one, for good.
 *
 * So keys are kept from the moment they are streamed, whether or not a chunk is being read, and until a snapshot sees the transaction: it then sees all of it,
 * and so does every later snapshot. At the watermark, rows that were touched by a transaction which the chunk's snapshot does not see are dropped.
 * A transaction that commits above the watermark needs nothing: its events come later.
 *
 * Ids: pgoutput gives the top transaction's id with all rows, those of subtransactions too, and pg_current_snapshot() lists top transactions only; the two match.
 *
 * Of all transactions that had begun when the stream did, nothing is taken for known, whether the stream carries them or not: some went by before it; some stand at or below where a table stands, which takes
 * nothing of them, so that its snapshot alone has to have what they did; and of some the stream has a part, where they were open while the table was put into the publication. The same holds for those that
 * were given up when memory ran out. All have ids below `unknownBelow`: while a snapshot still lists one, the chunk cannot be judged. That may be an ordinary transaction that was open when the stream
 * began; it is waited for just as the creation of a slot waits for it.
 */
export class TouchedKeys {
  private readonly byTransaction = new Map<bigint, TouchedByTransaction>();
  private current: { readonly xid: bigint; readonly touched: TouchedByTransaction } | null = null;
  /** Of the oldest chunk that is not judged yet, or else of the last one that was. */
  private settledBy: TransactionSnapshot | null = null;
  private bytes = 0;

  /**
   * @param tables the tables that are being snapshotted, by `schema.table`; others are not kept
   * @param unknownBelow a transaction id that was given out after this stream was begun: whatever was streamed before has a lower one
   * @param bytesLimit estimated size of what is kept
   */
  constructor(
    private readonly tables: ReadonlySet<string>,
    private unknownBelow: bigint,
    private readonly bytesLimit: number,
  ) {}

  get bytesHeld(): number {
    return this.bytes;
  }

  /** Whatever was streamed before this stream's keys were kept has a lower id. To be told before the first chunk is read. */
  expectFrom(xid: bigint): void {
    if (xid > this.unknownBelow) this.unknownBelow = xid;
  }

  begin(xid: number): void {
    const wide = widenXid(xid, this.settledBy?.xmax ?? this.unknownBelow);
    this.current = null;
    if (this.settledBy !== null && isVisible(this.settledBy, wide)) return;
    const touched = { tables: new Map<string, Touched>(), bytes: 0 };
    this.byTransaction.set(wide, touched);
    this.current = { xid: wide, touched };
    this.grow(touched, TRANSACTION_BYTES);
  }

  /** @param key null when the row's key cannot be told */
  touch(table: string, key: string | null): void {
    if (this.current === null || !this.tables.has(table)) return;
    if (key === null) return this.forgetEverything();
    const { touched } = this.current;
    let keys = touched.tables.get(table);
    if (keys === 'all') return;
    if (keys === undefined) touched.tables.set(table, (keys = new Set()));
    if (keys.has(key)) return;
    keys.add(key);
    this.grow(touched, KEY_BYTES + key.length);
  }

  truncate(table: string): void {
    if (this.current !== null && this.tables.has(table)) this.current.touched.tables.set(table, 'all');
  }

  /** Forgets what the oldest unjudged chunk sees. Snapshots must be given in the order in which they were taken. */
  settle(snapshot: TransactionSnapshot): void {
    this.settledBy = snapshot;
    for (const [xid, { bytes }] of this.byTransaction) {
      if (!isVisible(snapshot, xid)) continue;
      this.byTransaction.delete(xid);
      this.bytes -= bytes;
      if (this.current?.xid === xid) this.current = null;
    }
  }

  /** To be asked when the chunk's watermark has come by in the stream, and not before. */
  judge(snapshot: TransactionSnapshot, table: string): ChunkVerdict {
    const waitingFor = [...snapshot.inProgress].filter((xid) => xid < this.unknownBelow);
    if (snapshot.xmax < this.unknownBelow) waitingFor.push(snapshot.xmax);
    if (waitingFor.length > 0) return { kind: 'unusable', waitingFor };
    const keys = new Set<string>();
    for (const [xid, { tables }] of this.byTransaction) {
      const touched = isVisible(snapshot, xid) ? undefined : tables.get(table);
      if (touched === 'all') return { kind: 'usable', isTouched: () => true };
      touched?.forEach((key) => keys.add(key));
    }
    return { kind: 'usable', isTouched: (key) => keys.has(key) };
  }

  private grow(touched: TouchedByTransaction, bytes: number): void {
    touched.bytes += bytes;
    this.bytes += bytes;
    if (this.bytes > this.bytesLimit) this.forgetEverything();
  }

  /** From here on these transactions are unknown: a chunk that does not see them all is read again, by when they will be visible. */
  private forgetEverything(): void {
    for (const xid of this.byTransaction.keys()) if (xid >= this.unknownBelow) this.unknownBelow = xid + 1n;
    this.byTransaction.clear();
    this.current = null;
    this.bytes = 0;
  }
}
