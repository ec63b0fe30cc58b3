import { spawn } from 'node:child_process';
import { endWithUs, forgetOrphan } from './orphan-watchdog.js';

export interface AwaitedProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Defaults to `/`. */
  readonly workingDirectory?: string;
  /** The user that it runs as; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

const OUTPUT_LIMIT_BYTES = 16 * 1024;

/**
 * Runs a program that ends by itself, in a process group of its own: Ctrl-C in a terminal reaches us alone, and whatever ends us ends it.
 * @returns its exit code, null after a signal, and the end of what it wrote, at most 16 KiB
 * @throws the signal's reason when it was given up; an error of the system when the program cannot be run
 */
export function runToItsEnd(program: AwaitedProgram): Promise<{ readonly code: number | null; readonly output: string }> {
  const { command, args, environment, workingDirectory = '/', user, signal } = program;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, {
      cwd: workingDirectory,
      env: environment as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    const { pid } = child;
    const giveUp = (): void => void (pid !== undefined && endGroup(pid));
    if (pid !== undefined) endWithUs(pid, 'TERM');
    signal?.addEventListener('abort', giveUp);
    let output = '';
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT_BYTES));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', giveUp);
      if (pid !== undefined) forgetOrphan(pid);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve({ code, output });
    });
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
