// Runs the program of one step (npm, the build) so that it never outlives us.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Reads our pipe. When that closes before it was told that all is done, we were ended, even by SIGKILL, and the step's whole group is ended too. */
const WATCHDOG = `
trap '' INT HUP TERM QUIT
read -r word
[ "$word" = done ] && exit
kill -s TERM -- "-$1" 2>/dev/null
sleep 3
kill -s KILL -- "-$1" 2>/dev/null`;

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended.
  }
}

/**
 * Runs a program to its end, in a process group of its own. A signal that would end us ends the group first, and then us as a shell tells of it: 128 and its number.
 * @param options of `spawn`: cwd, env
 * @returns {Promise<{ status: number | null, output: string, error: Error | null }>} `output` is what it wrote to both streams; `error` when it could not be run
 */
export async function runStep(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ status: null, error }));
    child.once('close', (status) => resolve({ status, error: null }));
  });
  if (child.pid === undefined) return { ...(await ended), output: '' };
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  for (const emitter of [watchdog, watchdog.stdin]) emitter.on('error', () => undefined);
  const leave = async (signal) => {
    killGroup(child.pid, 'SIGTERM');
    const patience = setTimeout(() => killGroup(child.pid, 'SIGKILL'), 3_000);
    await ended;
    clearTimeout(patience);
    // What the leader left behind in its group.
    killGroup(child.pid, 'SIGKILL');
    process.stderr.write('given up; the next start does this step again\n');
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ENDING) process.on(signal, leave);
  const { status, error } = await ended;
  watchdog.stdin.end('done\n');
  for (const signal of ENDING) process.off(signal, leave);
  return { status, error, output: Buffer.concat(chunks).toString('utf8') };
}
