import { positionToBytes } from '@truc/kernel';
import type { TargetTable } from '@truc/pipeline';
import type { KeyHistory } from './batch-fold.js';
import { supersededPositions } from './batch-fold.js';
import { COPY_HEADER, COPY_TRAILER, CopyChunk } from './copy-chunk.js';
import type { Session } from './session.js';
import type { PreparedTable } from './table-catalogue.js';
import { buildStatements, type TableStatements } from './table-statements.js';
import { compileWriter, type ValueWriter } from './value-codec.js';

const STAGE_FIELDS = 7;
/** From here on a wrong plan costs more than looking at the stage does. */
const ANALYZED_ENTRIES_MIN = 200;

/** What one COPY put into the stage: `entries[i]` has the ordinal `base + i`. */
export interface StagedEntries {
  readonly entries: readonly KeyHistory[];
  readonly base: number;
}

/** Moves folded changes into one table over one connection: COPY into a stage, then set-based statements. */
export class TableMerge {
  readonly #session: Session;
  readonly #qualified: string;
  readonly #statements: TableStatements;
  readonly #fields: readonly { readonly name: string; readonly write: ValueWriter }[];
  readonly #chunkBytes: number;
  #stagedCount = 0;

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

  /** To be called when a transaction begins: the stage is empty then. */
  begin(): void {
    this.#stagedCount = 0;
  }

  /** Adds to the stage. Takes no lock that anybody waits for. */
  async stage(entries: readonly KeyHistory[]): Promise<StagedEntries> {
    const staged = { entries, base: this.#stagedCount };
    if (entries.length > 0) await this.#session.copyIn(this.#statements.copyStage, this.#chunks(staged));
    // Without statistics the planner takes a full stage for a handful of rows, and scans truc.deleted_rows once for each of them: minutes for a large transaction.
    if (entries.length >= ANALYZED_ENTRIES_MIN) await this.#session.query(this.#statements.analyzeStage);
    this.#stagedCount += entries.length;
    return staged;
  }

  /** Merges staged entries from the index `from` to before `to`; no two of them of one key. Returns how many of their changes were applied, those folded into a later one included. */
  async merge({ entries, base }: StagedEntries, from: number, to: number, nowMs: number): Promise<number> {
    const kinds = { deletes: false, upserts: false, repeats: false };
    for (let index = from; index < to; index += 1) {
      const { winner, changes } = entries[index] as KeyHistory;
      if (winner.change.kind === 'delete') kinds.deletes = true;
      else kinds.upserts = true;
      if (changes.length > 1) kinds.repeats = true;
    }
    const range = [base + from, base + to];
    const named = [...range, this.#qualified];
    const dated = [...named, nowMs];
    let applied = 0;
    if (kinds.repeats) {
      const { rows } = await this.#session.query<{ count: number }>(this.#statements.countSuperseded, named);
      applied += rows[0]?.count ?? 0;
    }
    if (kinds.deletes) {
      applied += (await this.#session.query(this.#statements.recordDeleted, dated)).rowCount ?? 0;
      await this.#session.query(this.#statements.deleteRows, range);
    }
    if (kinds.upserts) {
      applied += (await this.#session.query(this.#statements.upsertRows, dated)).rowCount ?? 0;
      await this.#session.query(this.#statements.forgetDeleted, named);
    }
    return applied;
  }

  *#chunks({ entries, base }: StagedEntries): Generator<Buffer> {
    yield COPY_HEADER;
    let chunk = new CopyChunk(this.#chunkBytes);
    for (const [index, history] of entries.entries()) {
      this.#tuple(history, base + index, chunk);
      if (chunk.length < this.#chunkBytes) continue;
      yield chunk.bytes();
      chunk = new CopyChunk(this.#chunkBytes);
    }
    if (chunk.length > 0) yield chunk.bytes();
    yield COPY_TRAILER;
  }

  #tuple(history: KeyHistory, ordinal: number, chunk: CopyChunk): void {
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
    chunk.integer(ordinal);
    for (const { name, write } of this.#fields) {
      if (change.kind === 'delete') chunk.null();
      else write(change.row[name] ?? null, chunk);
    }
  }
}
