import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { EventHistory } from './event-history.js';
import type { Home } from './person.js';
import { executeStep } from './plan-execution.js';
import type { Random } from '@truc/demo';
import { tokenOf } from './token.js';
import { planMending, planTransaction, type PlanScene, type TransactionPlan } from './transaction-plan.js';
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
  #client: pg.Client | null = null;

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
    await this.#client?.end().catch(() => undefined);
    this.#client = null;
  }

  async #execute(plan: TransactionPlan, signal: AbortSignal): Promise<boolean> {
    const client = await this.#connected(signal);
    try {
      await client.query('BEGIN');
      for (const step of plan.steps) await executeStep(client, step);
      await client.query(plan.end === 'commit' ? 'COMMIT' : 'ROLLBACK');
      return plan.end === 'commit';
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await this.close();
      return plan.end === 'commit' && (await this.#wasCommitted(plan, signal));
    }
  }

  /** The answer to a COMMIT may be lost with the connection. */
  async #wasCommitted(plan: TransactionPlan, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const client = await this.#connected(signal);
      try {
        const { rowCount } = await client.query('SELECT FROM checker._oplog WHERE op_id BETWEEN $1 AND $2 LIMIT 1', [
          plan.firstOp,
          plan.firstOp + plan.numbers - 1,
        ]);
        return rowCount !== 0;
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
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

  async #connected(signal: AbortSignal): Promise<pg.Client> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#client !== null) return this.#client;
      const client = new pg.Client({ connectionString: this.#scene.sourceUrl, application_name: 'checker writer' });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query(`SET timezone = 'Asia/Ho_Chi_Minh'`);
        this.#client = client;
      } catch (error) {
        await client.end().catch(() => undefined);
        if (!isConnectionLost(error)) throw error;
        await sleep(reconnectMs, undefined, { signal });
      }
    }
  }
}

function keptOps(plan: TransactionPlan): number {
  const all = plan.steps.reduce((sum, step) => sum + ('ops' in step ? step.ops.length : 0), 0);
  return plan.steps.reduce((sum, step) => sum - (step.kind === 'rollback-to-savepoint' ? step.lost.length : 0), all);
}

/** Of the connection, the server's shutdown or its start; anything else is a statement's own. */
export function isConnectionLost(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return /connection|timeout/i.test(error instanceof Error ? error.message : '');
  return code.startsWith('08') || code.startsWith('57P') || code.startsWith('E');
}
