import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction, type Random, seededRandom } from '@truc/demo';
import type pg from 'pg';
import { checkedTable, type Op } from './oplog.js';
import { personCode, personKey, personVersion, type PersonRow } from './person.js';
import { copyOps, copyPersons, executeStep } from './plan-execution.js';
import type { Workload } from './scenario.js';
import { Writer, type WriterScene } from './writer.js';
import type { Writers } from './writers.js';
import { operation } from './written-rows.js';

export interface WriterSetOptions extends Omit<WriterScene, 'nextOp' | 'committed'> {
  readonly workload: Workload;
  readonly seed: number;
  readonly firstOp: number;
  readonly signal: AbortSignal;
}

/** Rows that one transaction inserted. They are made anew from this whenever they are needed: a million of them are never kept. */
interface RowRange {
  readonly firstOp: number;
  readonly rows: number;
}

/** Rows of a statement that follows a truncate. */
const rowsOfStatement = 500;

/** Runs the writers of a workload until it is stopped. A failure of one of them is thrown by whatever is asked of the set next. */
export class WriterSet implements Writers {
  readonly #options: WriterSetOptions;
  readonly #writers: readonly Writer[];
  readonly #random: Random;
  /** Rows that no writer ever touches again. */
  #untouched: RowRange[] = [];
  #nextOp: number;
  #transactions = 0;
  #operations = 0;
  #isPaused = true;
  #isEnding = false;
  #work: Promise<unknown>[] = [];
  #open = 0;
  #failure: unknown = null;

  constructor(options: WriterSetOptions) {
    this.#options = options;
    this.#nextOp = options.firstOp;
    this.#random = seededRandom(options.seed, 'writers');
    const scene: WriterScene = { ...options, nextOp: () => this.#nextOp++, committed: (operations) => this.#committed(operations) };
    this.#writers = Array.from(
      { length: options.workload.writers },
      (_, number) => new Writer(number, scene, seededRandom(options.seed, 'writer', number)),
    );
  }

  get transactions(): number {
    return this.#transactions;
  }

  get operations(): number {
    return this.#operations;
  }

  start(): void {
    this.#isPaused = false;
    this.#work = this.#writers.map((writer) => this.#keepWriting(writer).catch((error: unknown) => (this.#failure ??= error)));
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    while (this.#open > 0) await sleep(10);
    if (this.#failure !== null) throw this.#failure;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** @throws whatever ended a writer before its time */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#work);
    if (this.#failure === null && !this.#options.signal.aborted) {
      const mending = this.#writers.map((writer) => writer.mend(this.#options.signal));
      await Promise.all(mending).catch((error: unknown) => (this.#failure ??= error));
    }
    await Promise.all(this.#writers.map((writer) => writer.close()));
    if (this.#failure !== null && !this.#options.signal.aborted) throw this.#failure;
  }

  checkpoint(): () => { readonly firstOp: number; readonly endOp: number } {
    const firstOp = this.#nextOp;
    const writers = this.#writers.map(({ rows }) => rows.checkpoint());
    const untouched = [...this.#untouched];
    return () => {
      for (const goBack of writers) goBack();
      this.#untouched = untouched;
      return { firstOp, endOp: this.#nextOp };
    };
  }

  async insertInOneTransaction(rows: number): Promise<void> {
    const range = this.#take(rows);
    const startedAtMs = this.#options.history.now();
    await inTransaction(this.#options.sourceUrl, async (client) => {
      await copyPersons(client, this.#persons(range));
      await copyOps(client, insertions(range, this.#persons(range)));
    });
    this.#untouched.push(range);
    this.#tell(startedAtMs, range.firstOp, rows);
  }

  async truncateAndInsert(rows: number, inOneTransaction: boolean): Promise<void> {
    const wasPaused = this.#isPaused;
    await this.pause();
    const ranges = Array.from({ length: Math.ceil(rows / rowsOfStatement) }, (_, index) =>
      this.#take(Math.min(rowsOfStatement, rows - index * rowsOfStatement)),
    );
    const { sourceUrl } = this.#options;
    if (inOneTransaction) {
      await inTransaction(sourceUrl, async (client) => {
        await this.#truncate(client);
        for (const range of ranges) await this.#insert(client, range);
      });
    } else {
      await inTransaction(sourceUrl, (client) => this.#truncate(client));
      for (const range of ranges) await inTransaction(sourceUrl, (client) => this.#insert(client, range));
    }
    this.#untouched = ranges;
    if (!wasPaused) this.resume();
  }

  async #keepWriting(writer: Writer): Promise<void> {
    const { workload, signal } = this.#options;
    const paceMs = (1_000 * workload.writers) / workload.transactionsPerSecond;
    while (!this.#isEnding && !signal.aborted) {
      if (this.#isPaused) {
        await sleep(20);
        continue;
      }
      const startedAt = performance.now();
      this.#open += 1;
      try {
        await writer.write(signal);
      } finally {
        this.#open -= 1;
      }
      // A pause between half and one and a half of the pace: writers do not march in step.
      const restMs = paceMs * (0.5 + this.#random.next()) - (performance.now() - startedAt);
      if (restMs > 1) await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #take(rows: number): RowRange {
    const firstOp = this.#nextOp;
    this.#nextOp += rows;
    return { firstOp, rows };
  }

  /** The same rows each time. */
  *#persons({ firstOp, rows }: RowRange): Generator<PersonRow> {
    const { homes, at, seed } = this.#options;
    const random = seededRandom(seed, 'rows', firstOp);
    for (let opId = firstOp; opId < firstOp + rows; opId += 1) yield personVersion(opId, personCode(opId), random.pick(homes), at, random);
  }

  async #truncate(client: pg.Client): Promise<void> {
    const startedAtMs = this.#options.history.now();
    await client.query(`TRUNCATE ${checkedTable}`);
    const firstOp = this.#nextOp;
    await copyOps(client, this.#truncations());
    this.#tell(startedAtMs, firstOp, this.#nextOp - firstOp);
  }

  *#truncations(): Generator<Op> {
    for (const { rows } of this.#writers) for (const key of rows.keys()) yield rows.delete(this.#nextOp++, key, 's');
    for (const range of this.#untouched) {
      for (const row of this.#persons(range)) yield operation(this.#nextOp++, personKey(row), 2, 's', null);
    }
  }

  async #insert(client: pg.Client, range: RowRange): Promise<void> {
    const rows = [...this.#persons(range)];
    const startedAtMs = this.#options.history.now();
    await executeStep(client, { kind: 'insert', how: 'statement', rows, ops: [...insertions(range, rows)] });
    this.#tell(startedAtMs, range.firstOp, range.rows);
  }

  /** Told when it is done, though a caller may still have to commit: a scenario's own transactions are never taken back. */
  #tell(startedAtMs: number, firstOp: number, ops: number): void {
    this.#options.history.add({ kind: 'committed', writer: -1, startedAtMs, firstOp, numbers: ops, ops });
    this.#committed(ops);
  }

  #committed(operations: number): void {
    this.#transactions += 1;
    this.#operations += operations;
  }
}

function* insertions({ firstOp }: RowRange, rows: Iterable<PersonRow>): Generator<Op> {
  let opId = firstOp;
  for (const row of rows) {
    yield operation(opId, personKey(row), 1, 'c', row);
    opId += 1;
  }
}
