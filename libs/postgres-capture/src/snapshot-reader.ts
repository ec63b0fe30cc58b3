import { hasCode, TrucError, type Clock, type SecretText } from '@truc/kernel';
import type { SourceRelation } from '@truc/pipeline';
import { escapeIdentifier, type Client } from 'pg';
import { quoteTable, splitTableName, type CapturedTable } from './captured-table.js';
import { chunkQuery, keysQuery, type ChunkQuery } from './chunk-query.js';
import { cursorRows, type TextRow } from './cursor-rows.js';
import { captureError } from './postgres-error.js';
import { publishedTable, type PublishedTable } from './published-table.js';
import { openSession, textRows } from './source-session.js';
import { WATERMARK_PREFIX } from './transaction-assembler.js';
import { parseSnapshot, standbySnapshot, type TransactionSnapshot } from './transaction-snapshot.js';
import type { TypeNames } from './type-names.js';

export interface ChunkLimits {
  readonly chunkRows: number;
  /** A chunk is closed by the page of rows that takes it past this. */
  readonly chunkBytes: number;
}

/** Tables among these whose file is another one now than when the snapshot was taken. What pg_class shows is the snapshot's, what the function tells is the present. */
const REWRITTEN = `
  SELECT count(*) FROM pg_class c
   WHERE c.oid IN (SELECT to_regclass($1)::oid UNION SELECT t.relid FROM pg_partition_tree(to_regclass($1)) t)
     AND c.relkind = 'r' AND c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid)`;

const rewriteAttemptsMax = 10;

/** Reads no row, and leaves the table and its partitions locked until the transaction ends. */
function nothingOf({ table }: CapturedTable, columns: readonly string[]): string {
  return `SELECT ${columns.map((name) => escapeIdentifier(name)).join(', ')} FROM ${quoteTable(splitTableName(table))} LIMIT 0`;
}

/** Rows of one table between two keys, as one transaction snapshot saw them. */
export interface SnapshotChunk {
  readonly relation: SourceRelation;
  readonly keyIndexes: readonly number[];
  readonly rows: readonly TextRow[];
  readonly snapshot: TransactionSnapshot;
  /** Nothing lies above the last row. */
  readonly isLast: boolean;
  readonly rowsEstimated: number;
  readonly takenAtMs: number;
}

/** The connection that reads chunks, and the one that writes watermarks: the same, but for a standby, which has its primary write them. */
export class SnapshotReader {
  private constructor(
    private readonly client: Client,
    private readonly writing: Client,
    private readonly publication: string,
    private readonly typeNames: TypeNames,
    private readonly limits: ChunkLimits,
    private readonly clock: Clock,
  ) {}

  /** @param primary of the standby that is read; null where the server writes by itself. It stays its owner's @throws TrucError */
  static async open(
    connectionString: SecretText,
    publication: string,
    typeNames: TypeNames,
    limits: ChunkLimits,
    clock: Clock,
    primary: Client | null = null,
  ): Promise<SnapshotReader> {
    const client = await openSession(connectionString);
    // A watermark is only a mark in the log: its commit has no need to wait for a standby, and would hold up the snapshot while one is away.
    await client.query('SET synchronous_commit = local; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
    return new SnapshotReader(client, primary ?? client, publication, typeNames, limits, clock);
  }

  /** A transaction id that is given out and finished now: every transaction that is already in the log has a lower one. */
  async freshTransactionId(): Promise<bigint> {
    const [[xid] = []] = await textRows(this.writing, 'SELECT pg_current_xact_id()');
    return BigInt(xid ?? '0');
  }

  /** Reads the next chunk of a table. @throws TrucError */
  read(table: CapturedTable, after: readonly string[] | null): Promise<SnapshotChunk> {
    const { chunkRows, chunkBytes } = this.limits;
    const isFull = (rows: number, bytes: number) => rows >= chunkRows || bytes >= chunkBytes;
    return this.readTable(table, (published) => chunkQuery(published, after, chunkRows, table.among), isFull);
  }

  /** Reads the rows with these keys in one chunk; it is as large as they are. @throws TrucError */
  readKeys(table: CapturedTable, keys: readonly (readonly string[])[]): Promise<SnapshotChunk> {
    return this.readTable(
      table,
      (published) => keysQuery(published, keys),
      () => false,
    );
  }

  /**
   * TRUNCATE and an ALTER TABLE that rewrites are not MVCC-safe: a snapshot from before one of them would see an empty table, and the end of the table would be taken for
   * reached. LOCK TABLE ahead of the snapshot would keep them out, and wants the right to read the whole table, where columns are all that is granted. So:
   * 1. the snapshot is taken;
   * 2. a query that reads nothing locks the table and its partitions (ACCESS SHARE, as any SELECT does);
   * 3. if the snapshot sees other files of them than there are now, one of the two came in between, and the chunk begins again with a new snapshot.
   */
  private async readTable(
    table: CapturedTable,
    query: (published: PublishedTable) => ChunkQuery,
    isFull: (rows: number, bytes: number) => boolean,
  ): Promise<SnapshotChunk> {
    const { client, limits } = this;
    try {
      const { snapshot, takenAtMs, published } = await this.beginRead(table);
      const rows: TextRow[] = [];
      let bytes = 0;
      let isLast = true;
      for await (const page of cursorRows(client, query(published), limits.chunkBytes)) {
        for (const row of page.rows) rows.push(row);
        bytes += page.bytes;
        isLast = !isFull(rows.length, bytes);
        if (!isLast) break;
      }
      await client.query('COMMIT');
      const { known, keyIndexes, rowsEstimated } = published;
      return { relation: known.relation, keyIndexes, rows, snapshot, isLast, rowsEstimated, takenAtMs };
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw captureError(error, `reading a snapshot chunk of ${table.table}`);
    }
  }

  /** Leaves the connection in a transaction whose snapshot shows the table as it is. */
  private async beginRead(table: CapturedTable): Promise<{ snapshot: TransactionSnapshot; takenAtMs: number; published: PublishedTable }> {
    const { client } = this;
    for (let attempt = 1; attempt <= rewriteAttemptsMax; attempt++) {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const [[snapshotText, inRecovery] = []] = await textRows(client, 'SELECT pg_current_snapshot(), pg_is_in_recovery()');
      const takenAtMs = this.clock.now();
      await client.query(nothingOf(table, table.primaryKey));
      const published = await publishedTable(client, this.publication, table, this.typeNames);
      if (await this.isUnchanged(table, published)) {
        const seen = parseSnapshot(snapshotText ?? '');
        return { snapshot: inRecovery === 't' ? standbySnapshot(seen) : seen, takenAtMs, published };
      }
      await client.query('ROLLBACK');
    }
    throw new TrucError(
      'CAPTURE_TABLE_REWRITTEN',
      `${table.table} is emptied, rewritten or altered again and again while it is being read`,
      {
        retry: true,
      },
    );
  }

  /** False where the table that is now locked became another one since the snapshot, which shows its columns as they were. */
  private async isUnchanged(table: CapturedTable, { known }: PublishedTable): Promise<boolean> {
    const columns = known.relation.columns.map(({ name }) => name);
    try {
      await this.client.query(nothingOf(table, columns));
    } catch (error) {
      if (hasCode(captureError(error, `reading ${table.table}`), 'CAPTURE_TABLE_CHANGED')) return false;
      throw error;
    }
    const [[changed] = []] = await textRows(this.client, REWRITTEN, [quoteTable(splitTableName(table.table))]);
    return changed === '0';
  }

  /** Writes the chunk's high watermark into the log: a transaction of its own that holds nothing else. @throws TrucError */
  async emitWatermark(id: string): Promise<void> {
    try {
      await textRows(this.writing, 'SELECT pg_logical_emit_message(true, $1, $2)', [WATERMARK_PREFIX, id]);
    } catch (error) {
      throw captureError(error, 'writing the watermark of a snapshot chunk');
    }
  }

  /** Ends the connection at once, whatever it is doing. */
  close(): void {
    this.client.connection.stream.destroy();
  }
}
