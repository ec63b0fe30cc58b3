import { TrucError } from '@truc/kernel';
import type { SourceMessage, SourceRowChange } from '@truc/pipeline';
import { formatLsn, type Lsn } from './lsn.js';
import type { BeginMessage, CommitMessage, PgoutputMessage, RowMessage } from './pgoutput-message.js';
import { keyText, type KnownRelation } from './source-relation.js';

/** Prefix of our messages in the source's log. */
export const WATERMARK_PREFIX = 'truc.watermark';

/** What comes out: what the consumer gets, and the watermarks of snapshot chunks at the point of the stream where they stand. */
export type Assembled = SourceMessage | { readonly kind: 'watermark'; readonly id: string; readonly sequence: bigint };

/** Is told of every transaction's keys, those of skipped ones too. */
export interface RowObserver {
  begin(xid: number): void;
  touch(table: string, key: string | null): void;
  truncate(table: string): void;
}

export interface AssemblerLimits {
  /** A `rows` message holds at most this many rows... */
  readonly rowsPerMessage: number;
  /** ...and is closed by the row that takes it past this many bytes of the wire. */
  readonly bytesPerMessage: number;
}

interface OpenTransaction {
  readonly sequence: Lsn;
  readonly xid: number;
  readonly committedAtMs: number;
  readonly isSkipped: boolean;
  index: number;
  isAnnounced: boolean;
  watermark: string | null;
}

/**
 * Makes transactions of pgoutput's messages. No I/O.
 *
 * Positions: the sequence of a transaction's rows is its commit LSN, where its commit record starts, as Begin carries it: no two transactions share it, and it is
 * known before the first row. The `commit` that closes it carries the last byte of the commit record instead (its end LSN less one), so that acknowledging it
 * moves the slot exactly past the transaction; it lies above the commit LSN and below every later transaction's.
 * The index counts the transaction's row and truncate messages from 0 as pgoutput sends them: before the mapping's filter, and without rolled-back savepoints,
 * which it never sends. A truncate of several tables is one message and has one index.
 *
 * States: between transactions (`isOpen` false), or in one; a transaction of which nothing is ours is never announced.
 */
export class TransactionAssembler {
  private open: OpenTransaction | null = null;
  private changes: SourceRowChange[] = [];
  private changesBytes = 0;

  constructor(
    /** Transactions at or below are read and not passed on. */
    private readonly after: bigint,
    private readonly relationOf: (id: number, lsn: Lsn) => KnownRelation,
    private readonly limits: AssemblerLimits,
    private readonly observer: RowObserver | null,
  ) {}

  get isOpen(): boolean {
    return this.open !== null;
  }

  /** @throws TrucError CAPTURE_PROTOCOL when the messages do not make a transaction */
  push(message: PgoutputMessage, lsn: Lsn, wireBytes: number, out: Assembled[]): void {
    switch (message.kind) {
      case 'begin':
        return this.begin(message, lsn);
      case 'commit':
        return this.commit(message, lsn, out);
      case 'insert':
      case 'update':
      case 'delete':
        return this.row(message, lsn, wireBytes, out);
      case 'truncate':
        return this.truncate(message.relationIds, lsn, out);
      case 'message':
        if (message.transactional && message.prefix === WATERMARK_PREFIX) this.opened(lsn).watermark = message.content.toString('utf8');
        return;
      case 'relation':
      case 'type':
      case 'origin':
        return;
    }
  }

  /** Passes on the rows that are waiting for company. */
  flush(out: Assembled[]): void {
    if (this.changes.length === 0 || this.open === null) return;
    const { sequence, xid, committedAtMs, isAnnounced } = this.open;
    if (!isAnnounced) out.push({ kind: 'begin', transactionId: `${xid}:${formatLsn(sequence)}`, sequence, committedAtMs });
    this.open.isAnnounced = true;
    out.push({ kind: 'rows', changes: this.changes });
    this.changes = [];
    this.changesBytes = 0;
  }

  private begin({ commitLsn, committedAtMs, xid }: BeginMessage, lsn: Lsn): void {
    if (this.open !== null) throw protocolError(lsn, 'a transaction begins inside another one');
    const isSkipped = commitLsn <= this.after;
    this.open = { sequence: commitLsn, xid, committedAtMs, isSkipped, index: 0, isAnnounced: false, watermark: null };
    this.observer?.begin(xid);
  }

  private commit({ commitLsn, endLsn }: CommitMessage, lsn: Lsn, out: Assembled[]): void {
    const open = this.opened(lsn);
    if (commitLsn !== open.sequence || endLsn <= commitLsn) {
      throw protocolError(
        lsn,
        `a transaction that began for ${formatLsn(open.sequence)} commits at ${formatLsn(commitLsn)} to ${formatLsn(endLsn)}`,
      );
    }
    this.flush(out);
    if (open.isAnnounced) out.push({ kind: 'commit', sequence: endLsn - 1n });
    if (open.watermark !== null && !open.isSkipped) out.push({ kind: 'watermark', id: open.watermark, sequence: open.sequence });
    this.open = null;
  }

  private row(message: RowMessage, lsn: Lsn, wireBytes: number, out: Assembled[]): void {
    const open = this.opened(lsn);
    const index = open.index++;
    const known = this.relationOf(message.relationId, lsn);
    if (!known.captured) return;
    this.observeRow(known, message);
    if (open.isSkipped) return;
    this.add(rowChange(known, index, message, lsn), wireBytes, out);
  }

  private truncate(relationIds: readonly number[], lsn: Lsn, out: Assembled[]): void {
    const open = this.opened(lsn);
    const index = open.index++;
    for (const id of relationIds) {
      const known = this.relationOf(id, lsn);
      if (!known.captured) continue;
      this.observer?.truncate(known.name);
      if (!open.isSkipped) this.add({ kind: 'truncate', relation: known.relation, index }, 0, out);
    }
  }

  private observeRow({ name, keyIndexes }: KnownRelation, message: RowMessage): void {
    if (this.observer === null) return;
    const key = (values: readonly (string | null | undefined)[], fallback?: readonly (string | null | undefined)[] | null) =>
      keyIndexes === null ? null : keyText(keyIndexes, values, fallback);
    if (message.kind !== 'insert' && message.before !== null) this.observer.touch(name, key(message.before));
    if (message.kind === 'update') this.observer.touch(name, key(message.after, message.before));
    if (message.kind === 'insert') this.observer.touch(name, key(message.after));
  }

  private add(change: SourceRowChange, wireBytes: number, out: Assembled[]): void {
    this.changes.push(change);
    this.changesBytes += wireBytes;
    if (this.changes.length >= this.limits.rowsPerMessage || this.changesBytes >= this.limits.bytesPerMessage) this.flush(out);
  }

  private opened(lsn: Lsn): OpenTransaction {
    if (this.open === null) throw protocolError(lsn, 'a message of a transaction stands outside of one');
    return this.open;
  }
}

function rowChange({ relation, name }: KnownRelation, index: number, message: RowMessage, lsn: Lsn): SourceRowChange {
  const width = relation.columns.length;
  const wrong = (values: readonly unknown[] | null) => values !== null && values.length !== width;
  if (('after' in message && wrong(message.after)) || ('before' in message && wrong(message.before))) {
    throw protocolError(lsn, `a row of ${name} has another number of columns than the ${width} that were announced`);
  }
  switch (message.kind) {
    case 'insert':
      return { kind: 'insert', relation, index, after: message.after };
    case 'update':
      return { kind: 'update', relation, index, after: message.after, before: message.before, beforeIsWhole: message.beforeIsWhole };
    case 'delete':
      return { kind: 'delete', relation, index, before: message.before, beforeIsWhole: message.beforeIsWhole };
  }
}

function protocolError(lsn: Lsn, what: string): TrucError {
  return new TrucError('CAPTURE_PROTOCOL', `at LSN ${formatLsn(lsn)} ${what}; nothing was confirmed past it`);
}
