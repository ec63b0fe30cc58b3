import { createHash } from 'node:crypto';
import { hasCode, type Clock, type SecretText } from '@truc/kernel';
import type { ApplyResult, ChangeTarget, Delivery, ReceiptOutbox, RejectedChange, TargetBatch, TopicTable } from '@truc/pipeline';
import { defaultApplyLimits, type ApplyLimits } from './apply-limits.js';
import { foldBatches, type RejectedPlace, type TableFold } from './batch-fold.js';
import { carefulEntries, CarefulMerge } from './careful-merge.js';
import { ROW_REFUSED } from './database-error.js';
import { DeletedRowsPruning } from './deleted-rows.js';
import { qualifiedName } from './identifier.js';
import { LoadedTopics } from './loaded-topics.js';
import { OffsetBook, offsetSteps, type OffsetStep, type Partition } from './offset-book.js';
import { migrateOwnSchema } from './own-schema.js';
import { ReceiptBook } from './receipt-book.js';
import { Session } from './session.js';
import { TableCatalogue, type PreparedTable } from './table-catalogue.js';
import { TableMerge, type StagedEntries } from './table-merge.js';
import { shapeOf } from './table-shape.js';

export interface PostgresTargetOptions {
  readonly connectionString: SecretText;
  /** Name of the consuming service: its offsets are its own. */
  readonly consumer: string;
  readonly limits?: Partial<ApplyLimits>;
  readonly clock: Clock;
}

/** Tells of rejected changes; the transaction is open and everything else of it is done. */
type Announce = (rejected: readonly RejectedChange[]) => Promise<void>;

/** What a call leaves behind besides rows: written under the same locks, in the same transaction. */
interface Account {
  readonly steps: readonly OffsetStep[];
  readonly deliveries: readonly Delivery[];
}

interface TableWork {
  readonly fold: TableFold;
  readonly prepared: PreparedTable;
  readonly merge: TableMerge;
}

/**
 * A PostgreSQL database that changes are applied to. One connection, one call at a time: further calls wait for their turn.
 *
 * In one transaction: the changes go to stages, the partitions' offset rows are locked and checked, the stages are merged by position, the offsets move, receipts are
 * left in the outbox.
 * The stages are filled before anything is locked, so that a process that stops in the middle of sending holds nobody up.
 *
 * Changes that a column cannot hold are set aside before they are sent. If the database still refuses a row (a constraint or trigger of its owner), everything is rolled back
 * and done again carefully, half by half of what is staged, so that only the changes to blame are left out.
 */
export class PostgresTarget implements ChangeTarget {
  readonly #options: PostgresTargetOptions;
  readonly #limits: ApplyLimits;
  readonly #offsets: OffsetBook;
  readonly #loaded: LoadedTopics;
  readonly #receipts: ReceiptBook;
  readonly #catalogue = new TableCatalogue();
  readonly #pruning: DeletedRowsPruning;
  readonly #merges = new Map<string, TableMerge>();
  /** The receipts of everything that this consumer committed in this database, whichever process did. */
  readonly outbox: ReceiptOutbox = {
    waiting: (max) => this.#inTurn(async () => this.#receipts.waiting(await this.#open(), max)),
    settle: (ids) => this.#inTurn(async () => this.#receipts.settle(await this.#open(), ids)),
  };
  #session: Session | null = null;
  #stageCount = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PostgresTargetOptions) {
    this.#options = options;
    this.#limits = { ...defaultApplyLimits, ...options.limits };
    this.#offsets = new OffsetBook(options.consumer);
    this.#loaded = new LoadedTopics(options.consumer);
    this.#receipts = new ReceiptBook(options.consumer, this.#limits.receiptsWaitingMax);
    this.#pruning = new DeletedRowsPruning(this.#limits);
  }

  /** @throws TrucError APPLY_TABLE_DIFFERS, APPLY_COLUMNS_DIFFER, APPLY_TABLE_TAKEN, before anything is taken */
  async take(
    partitions: readonly Partition[],
    tables: readonly TopicTable[] = [],
  ): Promise<{ topic: string; partition: number; offset: bigint }[]> {
    if (partitions.length === 0) return [];
    return this.#inTurn(async () => {
      const session = await this.#open();
      await this.#loaded.check(session, tables);
      const offsets = await this.#offsets.take(session, partitions, this.#options.clock.now());
      return partitions.map(({ topic, partition }, index) => ({ topic, partition, offset: offsets[index] as bigint }));
    });
  }

  /**
   * @throws TrucError APPLY_FENCED, APPLY_OFFSET_MISMATCH, APPLY_BATCH_INVALID, APPLY_REJECTED_LIMIT, the errors of {@link TableCatalogue.prepare};
   * with retry: APPLY_CONNECTION_LOST, APPLY_CONFLICT, APPLY_TABLE_CHANGED, APPLY_DATABASE_EXHAUSTED, APPLY_RECEIPTS_WAITING. After each of them nothing was written,
   * except that after APPLY_CONNECTION_LOST the stored offsets tell: take the partitions again.
   */
  async apply(
    batches: readonly TargetBatch[],
    announce: Announce = async () => {},
    deliveries: readonly Delivery[] = [],
  ): Promise<ApplyResult> {
    const steps = offsetSteps(batches);
    if (steps.length === 0) return { applied: 0, refused: 0, rejected: [] };
    return this.#inTurn(async () => {
      try {
        const { folds, rejected } = foldBatches(batches);
        let all: RejectedPlace[] = [];
        const result = await this.#applyFolds(folds, { steps, deliveries }, async (found) => {
          all = [...rejected, ...found].sort((a, b) => a.batch - b.batch || a.change - b.change);
          if (all.length > 0) await announce(all);
        });
        await this.#prune();
        const sent = folds.reduce((sum, { changeCount }) => sum + changeCount, 0);
        return { applied: result.applied, refused: sent - result.applied - result.rejected.length, rejected: all };
      } catch (error) {
        if (hasCode(error, 'APPLY_TABLE_CHANGED')) this.#catalogue.forget();
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#session?.close();
    });
  }

  async #applyFolds(
    folds: readonly TableFold[],
    account: Account,
    announce: Announce,
  ): Promise<{ applied: number; rejected: RejectedPlace[] }> {
    const session = await this.#open();
    for (;;) {
      const work = await this.#prepare(session, folds);
      try {
        const applied = await session.transaction(() => this.#applyAtOnce(session, work, account, announce));
        if (applied !== 'tables changed') return { applied, rejected: [] };
      } catch (error) {
        if (!hasCode(error, ROW_REFUSED)) throw error;
        const outcome = await session.transaction(() => this.#applyCarefully(session, work, account, announce));
        if (outcome !== 'tables changed') return outcome;
      }
      this.#catalogue.forget();
    }
  }

  async #applyAtOnce(
    session: Session,
    work: readonly TableWork[],
    account: Account,
    announce: Announce,
  ): Promise<number | 'tables changed'> {
    const nowMs = this.#options.clock.now();
    for (const { merge } of work) merge.begin();
    const staged: StagedEntries[] = [];
    for (const { fold, merge } of work) staged.push(await merge.stage(fold.histories));
    if (!(await this.#lock(session, work, account.steps))) return 'tables changed';
    let applied = 0;
    for (const [index, { fold, merge }] of work.entries()) {
      applied += await merge.merge(staged[index] as StagedEntries, 0, fold.histories.length, nowMs);
    }
    await this.#settle(session, account);
    await announce([]);
    return applied;
  }

  async #applyCarefully(
    session: Session,
    work: readonly TableWork[],
    account: Account,
    announce: Announce,
  ): Promise<{ applied: number; rejected: RejectedPlace[] } | 'tables changed'> {
    const nowMs = this.#options.clock.now();
    for (const { merge } of work) merge.begin();
    const staged: StagedEntries[] = [];
    for (const { fold, merge } of work) staged.push(await merge.stage(carefulEntries(fold.histories)));
    if (!(await this.#lock(session, work, account.steps))) return 'tables changed';
    const rejected: RejectedPlace[] = [];
    let applied = 0;
    for (const [index, { fold, merge, prepared }] of work.entries()) {
      const careful = new CarefulMerge({
        session,
        qualified: prepared.qualified,
        merge,
        staged: staged[index] as StagedEntries,
        keyCount: fold.histories.length,
        nowMs,
        refusedMax: this.#limits.refusedByDatabaseMax - rejected.length,
      });
      applied += await careful.apply();
      rejected.push(...careful.rejected);
    }
    await this.#settle(session, account);
    await announce(rejected);
    return { applied, rejected };
  }

  async #settle(session: Session, { steps, deliveries }: Account): Promise<void> {
    const nowMs = this.#options.clock.now();
    await this.#offsets.advance(session, steps, nowMs);
    await this.#receipts.add(session, deliveries, nowMs);
  }

  /**
   * Locks the offsets, then each table's slice by partition number. The second lock is for what the first does not keep apart: two consumers, or two topics, that write the same table.
   * 1. X deletes a row; 2. Y, which began earlier, sees neither the row's end nor the recorded position and waits for the row; 3. X commits; 4. Y would insert an older version.
   * A code has the same partition number in all of them, so under this lock Y looks only after X has committed.
   */
  async #lock(session: Session, work: readonly TableWork[], steps: readonly OffsetStep[]): Promise<boolean> {
    await this.#offsets.lock(session, steps);
    const slices = new Set<bigint>();
    for (const { prepared } of work) {
      for (const { partition } of steps) slices.add(sliceLock(prepared.qualified, partition));
    }
    const ordered = [...slices].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    await session.query('SELECT pg_advisory_xact_lock(slice) FROM unnest($1::bigint[]) AS slice', [ordered.map(String)]);
    return this.#catalogue.areCurrent(
      session,
      work.map(({ prepared }) => prepared),
    );
  }

  async #prepare(session: Session, folds: readonly TableFold[]): Promise<TableWork[]> {
    const work: TableWork[] = [];
    for (const fold of folds) {
      const prepared = await this.#catalogue.prepare(session, fold.table);
      work.push({ fold, prepared, merge: await this.#mergeOf(session, fold, prepared) });
    }
    // A later fold of the same table may just have added columns.
    const last = new Map(work.map(({ prepared }) => [prepared.qualified, prepared.generation]));
    if (work.every(({ prepared }) => last.get(prepared.qualified) === prepared.generation)) return work;
    this.#catalogue.forget();
    return this.#prepare(session, folds);
  }

  async #mergeOf(session: Session, { table }: TableFold, prepared: PreparedTable): Promise<TableMerge> {
    const key = `${qualifiedName(table)} ${prepared.generation} ${shapeOf(table)}`;
    const known = this.#merges.get(key);
    if (known !== undefined) return known;
    this.#stageCount += 1;
    const merge = await TableMerge.open(session, table, prepared, `truc_stage_${this.#stageCount}`, this.#limits.copyChunkBytes);
    this.#merges.set(key, merge);
    return merge;
  }

  /** The changes are committed: a failure here is not one of theirs, and the next call meets it anyway if it lasts. */
  async #prune(): Promise<void> {
    const nowMs = this.#options.clock.now();
    if (!this.#pruning.isDue(nowMs)) return;
    try {
      await this.#pruning.step(await this.#open(), nowMs);
    } catch {
      // Tried again after the interval.
    }
  }

  async #open(): Promise<Session> {
    if (this.#session?.usable) return this.#session;
    this.#merges.clear();
    this.#catalogue.forget();
    const session = await Session.open({
      connectionString: this.#options.connectionString,
      applicationName: `truc apply ${this.#options.consumer}`,
      limits: this.#limits,
    });
    try {
      await migrateOwnSchema(session);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#session = session;
    return session;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** Key of the advisory lock on one partition number's slice of a table. */
function sliceLock(qualified: string, partition: number): bigint {
  return createHash('sha256').update(`truc.apply ${partition} ${qualified}`).digest().readBigInt64BE(0);
}
