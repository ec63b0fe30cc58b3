import { Worker } from 'node:worker_threads';
import { TrucError } from '@truc/kernel';
import type { PlanningInput, PlanningOutput, PlanningTask } from './planning-tasks.js';
import type { PlanningReply, PlanningRequest } from './planning-thread.js';

/** The built file, from the sources too. */
const threadFile = new URL('../dist/planning-thread.js', import.meta.url);
const heapMegabytesMax = 1024;

export interface PlanningLimits {
  /** Milliseconds that one task may take. */
  readonly taskMsMax: number;
  /** Tasks that may wait. */
  readonly waitingMax: number;
  /** Those of one principal among them, so that nobody takes every place. */
  readonly waitingOfOneMax: number;
}

const limitsDefault: PlanningLimits = { taskMsMax: 60_000, waitingMax: 32, waitingOfOneMax: 8 };

/**
 * Runs what takes time in proportion to documents and dictionary in a thread of its own, one task after the other, so that nothing that is written in them keeps the platform from
 * answering others. A task that takes too long or too much memory ends with its thread; the next one gets a new one.
 */
export class Planning {
  readonly #limits: PlanningLimits;
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  /** By principal: tasks that wait or are at work. */
  readonly #waiting = new Map<string, number>();
  #isClosed = false;
  readonly #newThread: () => Worker;

  constructor(limits: PlanningLimits = limitsDefault, newThread = planningThread) {
    this.#limits = limits;
    this.#newThread = newThread;
  }

  /**
   * @param principal who asked for it
   * @throws TrucError PLATFORM_DOCUMENTS_TOO_COSTLY, PLATFORM_NOT_READY, and those of the task
   */
  async run<T extends PlanningTask>(principal: string, task: T, input: PlanningInput<T>): Promise<PlanningOutput<T>> {
    const own = this.#waiting.get(principal) ?? 0;
    const all = [...this.#waiting.values()].reduce((sum, count) => sum + count, 0);
    if (own >= this.#limits.waitingOfOneMax) throw notReady(`${own} requests of ${principal} about documents wait already: try again`);
    if (all >= this.#limits.waitingMax) throw notReady(`${all} requests about documents wait already: try again`);
    this.#waiting.set(principal, own + 1);
    const done = this.#last.then(() => this.#runNow({ task, input })).finally(() => this.#leave(principal));
    this.#last = done.catch(() => {});
    return (await done) as PlanningOutput<T>;
  }

  /** What waits is turned away. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
    this.#worker = null;
  }

  #leave(principal: string): void {
    const left = (this.#waiting.get(principal) ?? 1) - 1;
    if (left > 0) this.#waiting.set(principal, left);
    else this.#waiting.delete(principal);
  }

  async #runNow(request: PlanningRequest): Promise<unknown> {
    if (this.#isClosed) throw notReady('the platform stops');
    const worker = (this.#worker ??= this.#start());
    const reply = await new Promise<PlanningReply>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        worker.off('message', onReply).off('error', onError).off('exit', onExit);
      };
      const giveUp = (error: TrucError): void => {
        end();
        this.#worker = null;
        void worker.terminate();
        reject(error);
      };
      const onReply = (message: PlanningReply): void => {
        end();
        resolve(message);
      };
      const onError = (error: NodeJS.ErrnoException): void => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') giveUp(tooCostly(`${heapMegabytesMax} MB of memory`));
        else giveUp(failed('has failed', error));
      };
      const onExit = (): void => giveUp(failed('has ended'));
      const timer = setTimeout(() => giveUp(tooCostly(`${this.#limits.taskMsMax / 1000} s`)), this.#limits.taskMsMax);
      worker.on('message', onReply).on('error', onError).on('exit', onExit);
      try {
        worker.postMessage(request);
      } catch (error) {
        // It cannot be sent, and the thread knows nothing of it.
        end();
        reject(failed('cannot be given them', error));
      }
    });
    if ('output' in reply) return reply.output;
    const { code, message, retry, stack } = reply.error;
    if (code !== null) throw new TrucError(code, message, { retry });
    throw Object.assign(new Error(message), { stack });
  }

  #start(): Worker {
    const worker = this.#newThread();
    worker.unref();
    // Whatever happens to it while it has nothing to do: the next task gets a new one.
    const forget = (): void => void (this.#worker === worker && (this.#worker = null));
    return worker.on('error', forget).on('exit', forget);
  }
}

function planningThread(): Worker {
  return new Worker(threadFile, { resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax } });
}

function notReady(message: string): TrucError {
  return new TrucError('PLATFORM_NOT_READY', message, { retry: true });
}

function failed(how: string, cause?: unknown): TrucError {
  return new TrucError('PLATFORM_PLANNING_FAILED', `the thread that judges documents ${how}`, { cause });
}

function tooCostly(what: string): TrucError {
  return new TrucError(
    'PLATFORM_DOCUMENTS_TOO_COSTLY',
    `judging these documents takes more than ${what}: apply fewer or smaller ones at once`,
  );
}
