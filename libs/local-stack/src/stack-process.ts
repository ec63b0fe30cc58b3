import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { closeSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrucError } from '@truc/kernel';
import { lackOfSpace } from './disk-space.js';
import { openLogFile } from './log-file.js';
import { endWithUs, forgetOrphan } from './orphan-watchdog.js';
import { writePidFile } from './stray-process.js';

/** How a child ended. `wanted` is true when `stop` asked for it. */
export interface StackExit {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly wanted: boolean;
}

export interface StackProcessOptions {
  /** What a person calls it: `PostgreSQL`, `platform`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Defaults to `/`, so that a child that may not read our folder starts all the same. */
  readonly workingDirectory?: string;
  /** The unprivileged user that the child runs as; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly logFile: string;
  /** Written for the next start, which ends what this one left behind. */
  readonly pidFile?: string;
  /** Asked again and again until it answers true. */
  readonly isReady: () => Promise<boolean>;
  readonly readyTimeoutMs: number;
  /** How to ask the child to stop, in this order; SIGKILL to its whole group comes last. Default: SIGTERM, 10 s. */
  readonly stopSteps?: readonly { readonly signal: NodeJS.Signals; readonly waitMs: number }[];
  /** Gives the start up: a child that is not ready yet is stopped. */
  readonly signal?: AbortSignal | undefined;
}

const PROBE_MS = 50;

/**
 * One child process that is started, watched and stopped by us, and that never outlives us.
 *
 * It leads a process group of its own, so Ctrl-C in a terminal reaches us alone and the order of stopping is ours.
 * Emits `exit` once, whoever ended the child; an end that nobody asked for is a fault that its listener must act upon.
 */
export class StackProcess extends EventEmitter<{ exit: [StackExit] }> {
  readonly name: string;
  readonly logFile: string;
  readonly exited: Promise<StackExit>;
  readonly #child: ChildProcess;
  readonly #stopSteps: NonNullable<StackProcessOptions['stopSteps']>;
  #exit: StackExit | null = null;
  #stopping = false;
  #isPaused = false;

  private constructor(options: StackProcessOptions, child: ChildProcess) {
    super();
    this.name = options.name;
    this.logFile = options.logFile;
    this.#child = child;
    this.#stopSteps = options.stopSteps ?? [{ signal: 'SIGTERM', waitMs: 10_000 }];
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        if (child.pid !== undefined) forgetOrphan(child.pid);
        if (options.pidFile !== undefined) rmSync(options.pidFile, { force: true });
        this.#exit = { name: this.name, code, signal, wanted: this.#stopping };
        resolve(this.#exit);
        this.emit('exit', this.#exit);
      });
    });
  }

  /**
   * Returns when the child is ready.
   * @throws TrucError STACK_COMMAND_MISSING, STACK_CHILD_EXITED when it ends before it is ready, STACK_CHILD_NOT_READY (it is stopped then); the signal's reason
   */
  static async start(options: StackProcessOptions): Promise<StackProcess> {
    options.signal?.throwIfAborted();
    const log = openLogFile(options.logFile);
    const child = spawn(options.command, options.args, {
      cwd: options.workingDirectory ?? '/',
      env: options.environment as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log],
      detached: true,
      ...options.user,
    });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) =>
        reject(
          new TrucError('STACK_COMMAND_MISSING', `${options.name} cannot be started: ${options.command} does not run (${cause.message})`, {
            cause,
          }),
        ),
      );
    });
    const started = new StackProcess(options, child);
    endWithUs(started.pid, started.#stopSteps[0]?.signal.slice(3) ?? 'TERM');
    if (options.pidFile !== undefined) writePidFile(options.pidFile, started.pid);
    await started.#untilReady(options);
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#exit === null;
  }

  async #untilReady({ isReady, readyTimeoutMs, signal }: StackProcessOptions): Promise<void> {
    const deadline = performance.now() + readyTimeoutMs;
    while (this.#exit === null) {
      if (await isReady().catch(() => false)) return;
      if (signal?.aborted) {
        await this.stop();
        throw signal.reason;
      }
      if (performance.now() > deadline) {
        await this.stop();
        throw new TrucError(
          'STACK_CHILD_NOT_READY',
          `${this.name} was not ready after ${Math.round(readyTimeoutMs / 1000)} s and was stopped: start again when the machine is less busy; its log, ${this.logFile}, may say more`,
          { retry: true },
        );
      }
      await Promise.race([sleep(PROBE_MS), this.exited]);
    }
    throw this.exitError(this.#exit);
  }

  /** The error that tells a person, in one sentence, of an end that nobody asked for and what to do. A full disk is told as that: it ends servers in many ways. */
  exitError({ code, signal }: StackExit): TrucError {
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    const lack = lackOfSpace(dirname(this.logFile));
    const what =
      lack !== null
        ? `, and ${lack}: make room there and start again; its log is ${this.logFile}`
        : signal !== null
          ? `: start again, and it goes on from what it had stored; its log is ${this.logFile}`
          : `: its log, ${this.logFile}, says why; mend that and start again`;
    return new TrucError('STACK_CHILD_EXITED', `${this.name} ${how}${what}`, { retry: signal !== null });
  }

  /** SIGKILL, that nobody can answer. Counts as asked for. */
  async kill(): Promise<StackExit> {
    this.#stopping = true;
    if (this.#exit === null) this.#killGroup();
    return this.exited;
  }

  /** SIGSTOP: it runs no more and tells nobody, until {@link StackProcess.resume}. Of PostgreSQL only the one that starts the others. */
  pause(): void {
    this.#isPaused = true;
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#isPaused = false;
    this.#child.kill('SIGCONT');
  }

  /** SIGQUIT, on which PostgreSQL ends at once and recovers at its next start. Counts as asked for. */
  async quit(): Promise<StackExit> {
    this.#stopping = true;
    this.#child.kill('SIGQUIT');
    return this.exited;
  }

  /** Asks the child to stop, step by step, and returns when it has ended. Calling it again waits for the same end. */
  async stop(): Promise<StackExit> {
    this.#stopping = true;
    // One that is paused hears nothing.
    if (this.#isPaused) this.resume();
    for (const { signal, waitMs } of this.#stopSteps) {
      if (this.#exit !== null) return this.#exit;
      this.#child.kill(signal);
      const waiting = new AbortController();
      await Promise.race([this.exited, sleep(waitMs, undefined, { signal: waiting.signal }).catch(() => undefined)]);
      waiting.abort();
    }
    if (this.#exit === null) this.#killGroup();
    return this.exited;
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }
}
