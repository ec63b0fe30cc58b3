import { positionToBytes } from '@truc/kernel';
import type { TargetTable } from '@truc/pipeline';
import type { KeyHistory } from './batch-fold.js';
import { supersededPositions } from './batch-fold.js';
import { COPY_HEADER, COPY_TRAILER, CopyChunk } from './copy-chunk.js';
import type { Session } from './session.js';
import type { PreparedTable } from './table-catalogue.js';
import { buildStatements, type TableStatements } from './table-statements.js';
import { compileWriter, type ValueWriter } from './value-codec.js';

const STAGE_FIELDS = 6;

/** Moves folded changes into one table over one connection: COPY into a stage, then set-based statements. */
export class TableMerge {
  readonly #session: Session;
  readonly #qualified: string;
  readonly #statements: TableStatements;
  readonly #fields: readonly { readonly name: string; readonly write: ValueWriter }[];
  readonly #chunkBytes: number;

  private constructor(session: Session, table: TargetTable, prepared: PreparedTable, stageName: string, chunkBytes: number) {
    this.#session = session;
    this.#qualified = prepared.qualified;
    this.#statements = buildStatements(table, prepared, stageName);
    this.#fields = table.columns.map(({ name, type }) => ({ name, write: compileWriter(type) }));
    this.#chunkBytes = chunkBytes;
  }

  /** Makes the stage, which lives as long as the connection. Outside a transaction. */
  static async open(
    session: Session,
    table: TargetTable,
    prepared: PreparedTable,
    stageName: string,
    chunkBytes: number,
  ): Promise<TableMerge> {
    const merge = new TableMerge(session, table, prepared, stageName, chunkBytes);
    await session.query(merge.#statements.createStage);
    return merge;
  }

  /** Fills the stage, which is empty at the beginning of every transaction. */
  async stage(histories: readonly KeyHistory[]): Promise<void> {
    if (histories.length > 0) await this.#session.copyIn(this.#statements.copyStage, this.#chunks(histories));
  }

  async clear(): Promise<void> {
    await this.#session.query(this.#statements.clearStage);
  }

  /** Merges what is staged. Returns how many of its changes were applied, those folded into a later one included. */
  async merge(histories: readonly KeyHistory[], nowMs: number): Promise<number> {
    const deletes = histories.some(({ winner }) => winner.change.kind === 'delete');
    const upserts = histories.some(({ winner }) => winner.change.kind === 'upsert');
    const repeats = histories.some(({ changes }) => changes.length > 1);
    let applied = 0;
    if (repeats) {
      const { rows } = await this.#session.query<{ count: number }>(this.#statements.countSuperseded, [this.#qualified]);
      applied += rows[0]?.count ?? 0;
    }
    if (deletes) {
      applied += (await this.#session.query(this.#statements.recordDeleted, [this.#qualified, nowMs])).rowCount ?? 0;
      await this.#session.query(this.#statements.deleteRows);
    }
    if (upserts) {
      applied += (await this.#session.query(this.#statements.upsertRows, [this.#qualified, nowMs])).rowCount ?? 0;
      await this.#session.query(this.#statements.forgetDeleted, [this.#qualified]);
    }
    return applied;
  }

  *#chunks(histories: readonly KeyHistory[]): Generator<Buffer> {
    yield COPY_HEADER;
    let chunk = new CopyChunk(this.#chunkBytes);
    for (const history of histories) {
      this.#tuple(history, chunk);
      if (chunk.length < this.#chunkBytes) continue;
      yield chunk.bytes();
      chunk = new CopyChunk(this.#chunkBytes);
    }
    if (chunk.length > 0) yield chunk.bytes();
    yield COPY_TRAILER;
  }

  #tuple(history: KeyHistory, chunk: CopyChunk): void {
    const { change } = history.winner;
    chunk.tuple(STAGE_FIELDS + this.#fields.length);
    chunk.text(change.key.scheme);
    chunk.text(change.key.code);
    chunk.text(change.key.row);
    chunk.binary(positionToBytes(change.position));
    chunk.boolean(change.kind === 'delete');
    const superseded = supersededPositions(history);
    if (superseded.length === 0) chunk.null();
    else chunk.binaries(superseded);
    for (const { name, write } of this.#fields) {
      if (change.kind === 'delete') chunk.null();
      else write(change.row[name] ?? null, chunk);
    }
  }
}
