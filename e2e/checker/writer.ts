import { setTimeout as sleep } from 'node:timers/promises';
import type { EventHistory } from './event-history.js';
import type { Home } from './person.js';
import { executeStep } from './plan-execution.js';
import type { Random } from '@truc/demo';
import { tokenOf } from './token.js';
import { planMending, planTransaction, type PlanScene, type TransactionPlan } from './transaction-plan.js';
import { WriterConnection } from './writer-connection.js';
import { WrittenRows } from './written-rows.js';

/** What all writers share. */
export interface WriterScene {
  readonly sourceUrl: string;
  readonly homes: readonly Home[];
  readonly at: string;
  readonly history: EventHistory;
  nextOp(): number;
  committed(operations: number): void;
}

const reconnectMs = 250;

/** One connection that writes to rows of its own, one transaction after the other. A lost connection is made anew; whether its last transaction was committed, the source says. */
export class Writer {
  readonly #number: number;
  readonly #scene: WriterScene;
  readonly #random: Random;
  readonly rows = new WrittenRows();
  #connection: WriterConnection | null = null;

  constructor(number: number, scene: WriterScene, random: Random) {
    this.#number = number;
    this.#scene = scene;
    this.#random = random;
  }

  /** Draws and does one transaction. @throws Error of a statement that the source refuses while it is there: the checker is wrong then */
  async write(signal: AbortSignal): Promise<void> {
    await this.#do(planTransaction, signal);
  }

  /** Leaves no row behind that was refused for what the source had left out. */
  async mend(signal: AbortSignal): Promise<void> {
    await this.#do(planMending, signal);
  }

  async #do(draw: (scene: PlanScene) => TransactionPlan | null, signal: AbortSignal): Promise<void> {
    const layer = this.rows.layer();
    const { homes, at, nextOp } = this.#scene;
    const plan = draw({ random: this.#random, homes, at, rows: layer, nextOp });
    if (plan === null || plan.steps.length === 0) return;
    const { history } = this.#scene;
    const startedAtMs = history.now();
    const isCommitted = await this.#execute(plan, signal);
    if (!isCommitted) return this.#tellLost(plan);
    layer.merge();
    for (const { lost } of plan.steps.filter((step) => step.kind === 'rollback-to-savepoint')) this.#tellRolledBack(lost, 'savepoint');
    const ops = keptOps(plan);
    history.add({ kind: 'committed', writer: this.#number, startedAtMs, firstOp: plan.firstOp, numbers: plan.numbers, ops });
    this.#scene.committed(ops);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = null;
  }

  async #execute(plan: TransactionPlan, signal: AbortSignal): Promise<boolean> {
    const connection = await this.#connected(signal);
    const { client } = connection;
    try {
      await client.query('BEGIN');
      for (const step of plan.steps) await executeStep(client, step);
      await client.query(plan.end === 'commit' ? 'COMMIT' : 'ROLLBACK');
      return plan.end === 'commit';
    } catch (error) {
      if (!(await connection.isLostBy(error))) throw error;
      await this.close();
      return plan.end === 'commit' && (await this.#wasCommitted(plan, signal));
    }
  }

  /** The answer to a COMMIT may be lost with the connection. */
  async #wasCommitted(plan: TransactionPlan, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const connection = await this.#connected(signal);
      try {
        const { rowCount } = await connection.client.query('SELECT FROM checker._oplog WHERE op_id BETWEEN $1 AND $2 LIMIT 1', [
          plan.firstOp,
          plan.firstOp + plan.numbers - 1,
        ]);
        return rowCount !== 0;
      } catch (error) {
        if (!(await connection.isLostBy(error))) throw error;
        await this.close();
      }
    }
  }

  #tellLost(plan: TransactionPlan): void {
    const ops = plan.steps.flatMap((step) => ('ops' in step ? step.ops : []));
    this.#tellRolledBack(ops, plan.end === 'rollback' ? 'rollback' : 'lost');
  }

  #tellRolledBack(ops: readonly { readonly opId: number }[], why: 'rollback' | 'savepoint' | 'lost'): void {
    const tokens = ops.map(({ opId }) => tokenOf(opId));
    this.#scene.history.add({ kind: 'rolled-back', writer: this.#number, tokens, why });
  }

  async #connected(signal: AbortSignal): Promise<WriterConnection> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#connection !== null) return this.#connection;
      const connection = new WriterConnection(this.#scene.sourceUrl);
      try {
        await connection.open();
        this.#connection = connection;
      } catch (error) {
        const isLost = await connection.isLostBy(error);
        await connection.close();
        if (!isLost) throw error;
        await sleep(reconnectMs, undefined, { signal });
      }
    }
  }
}

function keptOps(plan: TransactionPlan): number {
  const all = plan.steps.reduce((sum, step) => sum + ('ops' in step ? step.ops.length : 0), 0);
  return plan.steps.reduce((sum, step) => sum - (step.kind === 'rollback-to-savepoint' ? step.lost.length : 0), all);
}
