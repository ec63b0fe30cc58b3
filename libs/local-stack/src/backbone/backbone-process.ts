import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, TrucError } from '@truc/kernel';
import type { RunningProcesses } from './running-processes.js';

/** How a process is stopped: as its operator would; or at once, so that PostgreSQL has to recover when it comes back. */
export type StopManner = 'orderly' | 'at-once';

/** A process of a running backbone by its name, whichever process that is at the time. What is done to it here is no fault of the backbone. */
export interface BackboneProcess {
  readonly name: string;
  /** Null while there is none. */
  readonly pid: number | null;
  /** SIGKILL; returns when it has ended. */
  kill(): Promise<void>;
  /** SIGSTOP, until {@link BackboneProcess.resume}. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  stop(manner?: StopManner): Promise<void>;
  /** Starts it again with the same configuration; returns when it is ready. Nothing happens while it runs. */
  start(): Promise<void>;
  /** From now on it may also end by itself, until it is started again. */
  expectEnd(): void;
}

/** How long a server may refuse to start because children of the one that was killed are still there, in milliseconds. */
const leftoversMs = 30_000;

/** @throws TrucError BACKBONE_PROCESS_UNKNOWN */
export function backboneProcess(running: RunningProcesses, name: string): BackboneProcess {
  if (!running.has(name)) throw new TrucError('BACKBONE_PROCESS_UNKNOWN', `this backbone runs no process "${name}"`);
  const alive = () => {
    const process = running.part(name)?.process;
    return process?.running === true ? process : null;
  };
  return {
    name,
    get pid() {
      return alive()?.pid ?? null;
    },
    kill: async () => void (await alive()?.kill()),
    pause: () => alive()?.pause(),
    resume: () => alive()?.resume(),
    stop: async (manner = 'orderly') => void (await (manner === 'orderly' ? alive()?.stop() : alive()?.quit())),
    start: () => startAfterLeftovers(running, name),
    expectEnd: () => running.expectEnd(name),
  };
}

/** After a SIGKILL of PostgreSQL its children need a moment to see that they are alone; until then a new one refuses their memory. */
async function startAfterLeftovers(running: RunningProcesses, name: string): Promise<void> {
  const deadline = performance.now() + leftoversMs;
  for (;;) {
    try {
      return await running.startAgain(name);
    } catch (error) {
      if (!hasCode(error, 'STACK_CHILD_EXITED') || performance.now() > deadline) throw error;
      await sleep(500);
    }
  }
}
