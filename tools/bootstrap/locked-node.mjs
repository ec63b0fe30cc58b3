// Carries on under the Node of node_modules, whatever Node the machine has.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fail } from './failure.mjs';

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGQUIT'];

function lockedNode(root) {
  const path = join(root, 'node_modules/node/bin/node');
  if (existsSync(path)) return realpathSync(path);
  fail(
    'BOOTSTRAP_NODE',
    `${path} is missing although the dependencies are installed: npm ran no install scripts; remove "ignore-scripts" from ~/.npmrc, remove node_modules and try again`,
  );
}

/**
 * Returns at once when the locked Node runs us already. Otherwise runs the same command line under it, passes signals on, and ends as it ends; never returns then.
 */
export async function underLockedNode(root) {
  const node = lockedNode(root);
  if (realpathSync(process.execPath) === node) {
    // The one who started us holds the other end of this channel. When it dies, even by SIGKILL, nobody is left who waits for us.
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel?.unref();
    return;
  }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // Ctrl-C reaches the child by itself; it decides when to end.
  process.on('SIGINT', () => undefined);
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve) => child.once('exit', (...result) => resolve(result)));
  // Nobody asked for it: whoever ends by a signal has told nothing.
  if (signal !== null && signal !== 'SIGINT' && !FORWARDED.includes(signal))
    process.stderr.write(
      `the main process was ended by ${signal}: what it had started ends within ten seconds; start again then, nothing is lost\n`,
    );
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
}
