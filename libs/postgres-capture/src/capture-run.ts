import type { Clock } from '@truc/kernel';
import type { ChildrenWanted, SourceMessage } from '@truc/pipeline';
import type { ChildrenReading } from './children-reading.js';
import type { ConfirmedPosition } from './confirmed-position.js';
import { IdleAdvance } from './idle-advance.js';
import type { Lsn } from './lsn.js';
import { parsePgoutputMessage } from './pgoutput-message.js';
import { captureError } from './postgres-error.js';
import type { PrimaryPulse } from './primary-pulse.js';
import type { PublicationWatch } from './publication-watch.js';
import type { RelationBook } from './relation-book.js';
import type { ReplicationConnection } from './replication-connection.js';
import type { ReplicationFrame } from './replication-frame.js';
import type { SnapshotReader } from './snapshot-reader.js';
import type { TableSnapshots } from './table-snapshots.js';
import type { TouchedKeys } from './touched-keys.js';
import type { Assembled, TransactionAssembler } from './transaction-assembler.js';
import type { TypeNames } from './type-names.js';

export interface CaptureParts {
  readonly replication: ReplicationConnection;
  readonly position: ConfirmedPosition;
  readonly assembler: TransactionAssembler;
  readonly relations: RelationBook;
  readonly typeNames: TypeNames;
  readonly idle: IdleAdvance;
  readonly clock: Clock;
  /** Null when no table has its codes from another. */
  readonly children: ChildrenReading | null;
  /** Null when no table is to be snapshotted. */
  readonly snapshots: { readonly tables: TableSnapshots; readonly reader: SnapshotReader; readonly touched: TouchedKeys } | null;
  /** Null when nobody keeps what it would look for. */
  readonly publication: PublicationWatch | null;
  /** Null when the server that is captured from writes its own log. */
  readonly pulse: PrimaryPulse | null;
}

/** One stream from its opened connection to its end: pulls frames, and yields what the parts make of them. */
export class CaptureRun {
  readonly counts = { lastCommittedAtMs: null as number | null, transactions: 0, rows: 0, snapshotRows: 0, snapshotRowsDropped: 0 };
  walEnd: Lsn = 0n;
  private chunkReading: Promise<void> | null = null;
  private rowsReadOfTable = { table: '', rows: 0 };

  constructor(private readonly parts: CaptureParts) {}

  get position(): ConfirmedPosition {
    return this.parts.position;
  }

  get replication(): ReplicationConnection {
    return this.parts.replication;
  }

  get touched(): TouchedKeys | null {
    return this.parts.snapshots?.touched ?? null;
  }

  async *messages(signal: AbortSignal): AsyncGenerator<SourceMessage, void, void> {
    const { replication, assembler, idle, clock } = this.parts;
    const onAbort = () => replication.interrupt();
    signal.addEventListener('abort', onAbort);
    this.readChunks();
    const { publication, snapshots, children } = this.parts;
    const tables = snapshots?.tables;
    const hasUnreadable = (): boolean =>
      tables?.hasUnreadable === true || children?.hasUnreadable === true || publication?.hasMissing === true;
    publication?.start();
    try {
      const out: Assembled[] = [];
      while (!signal.aborted) {
        const unreadable = assembler.isOpen
          ? null
          : (tables?.takeUnreadable() ?? children?.takeUnreadable() ?? publication?.takeMissing() ?? null);
        if (unreadable !== null) yield unreadable;
        const frame = replication.next();
        if (frame !== null) await this.take(frame, out);
        // Nothing more is here: rows do not wait for company.
        else assembler.flush(out);
        const passed = out.length > 0;
        for (const message of out) {
          const mine = message.kind === 'watermark' ? this.snapshotRows(message.id, message.sequence) : message;
          if (mine === null) continue;
          this.count(mine);
          yield mine;
          if (signal.aborted) return;
        }
        out.length = 0;
        const advanced = assembler.isOpen ? null : idle.take(this.position.highestPassedOn, clock.now());
        if (advanced !== null) {
          this.position.passOn(advanced);
          yield { kind: 'idle', sequence: advanced };
        } else if (frame === null && !passed && (assembler.isOpen || !hasUnreadable())) {
          await replication.wait(assembler.isOpen ? null : idle.waitMs(clock.now()));
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Of log between a sequence and the end of what was looked at. */
  bytesSince(sequence: bigint): number {
    return this.position.bytesSince(sequence, this.walEnd);
  }

  readChildren(wanted: ChildrenWanted): void {
    this.parts.children?.ask(wanted);
  }

  leaveTable(table: string): void {
    this.parts.snapshots?.tables.leave(table);
    this.parts.children?.leave(table);
  }

  async close(): Promise<void> {
    const { snapshots, children, replication, pulse, publication } = this.parts;
    await children?.close();
    snapshots?.tables.stop();
    snapshots?.reader.close();
    pulse?.close();
    publication?.close();
    await replication.close();
    await this.chunkReading;
  }

  private async take(frame: ReplicationFrame, out: Assembled[]): Promise<void> {
    const { assembler, relations, typeNames, idle, clock } = this.parts;
    if (frame.kind === 'keepalive') {
      if (frame.walEnd > this.walEnd) this.walEnd = frame.walEnd;
      if (!assembler.isOpen) idle.offer(frame.walEnd, frame.replyRequested, clock.now());
      return;
    }
    if (frame.lsn > this.walEnd) this.walEnd = frame.lsn;
    const message = parsePgoutputMessage(frame.payload, frame.lsn);
    if (message.kind === 'relation') await relations.learn(message);
    else if (message.kind === 'type') typeNames.announce(message.id, message.schema, message.name);
    else assembler.push(message, frame.lsn, frame.payload.length, out);
  }

  private snapshotRows(id: string, sequence: bigint): SourceMessage | null {
    this.parts.pulse?.saw(id);
    return this.parts.snapshots?.tables.judge(id, sequence) ?? this.parts.children?.judge(id, sequence) ?? null;
  }

  /** Reads beside the stream; what goes wrong there ends the stream. */
  private readChunks(): void {
    const { snapshots, replication } = this.parts;
    if (snapshots === null) return;
    this.chunkReading = snapshots.tables.read().catch((error: unknown) => replication.fail(captureError(error, 'taking a snapshot')));
  }

  private count(message: SourceMessage): void {
    const { counts, position } = this;
    switch (message.kind) {
      case 'begin':
        counts.transactions += 1;
        counts.lastCommittedAtMs = message.committedAtMs;
        return;
      case 'rows':
        counts.rows += message.changes.length;
        return;
      case 'snapshot': {
        const before = this.rowsReadOfTable.table === message.progress.table ? this.rowsReadOfTable.rows : null;
        counts.snapshotRows += message.rows.length;
        if (before !== null) counts.snapshotRowsDropped += message.progress.rowsRead - before - message.rows.length;
        this.rowsReadOfTable = { table: message.progress.table, rows: message.progress.rowsRead };
        position.passOn(message.sequence);
        return;
      }
      case 'reread':
      case 'children':
        counts.snapshotRows += message.rows.length;
        position.passOn(message.sequence);
        return;
      case 'unreadable':
        return;
      case 'commit':
      case 'idle':
        position.passOn(message.sequence);
        return;
    }
  }
}
