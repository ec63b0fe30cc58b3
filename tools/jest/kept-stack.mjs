// `npm run stack:test` keeps a test stack in the background, so that repeated runs need not wait for one; `npm run stack:test -- stop` ends it.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { healthyKeptStack, keptStackFile, root, startTestStack, writeKeptStack } from './test-stack.mjs';

const logFile = join(root, '.truc/test-stack.log');

/** The process in the background: holds both servers until it is told to stop or one of them ends. */
async function hold() {
  const stack = await startTestStack((sentence) => console.error(sentence));
  let ending = false;
  const end = async (code) => {
    if (ending) return;
    ending = true;
    rmSync(keptStackFile, { force: true });
    await stack.stop();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void end(0));
  process.on('SIGHUP', () => undefined);
  for (const child of stack.processes) {
    child.once('exit', (exit) => {
      if (!exit.wanted) console.error(child.exitError(exit).message);
      void end(1);
    });
  }
  await writeKeptStack(stack.coordinates);
  setInterval(() => undefined, 60_000);
}

async function start() {
  if (await healthyKeptStack()) return console.log('a test stack is already kept');
  mkdirSync(join(root, '.truc'), { recursive: true });
  rmSync(keptStackFile, { force: true });
  const log = openSync(logFile, 'w', 0o600);
  const holder = spawn(process.execPath, [import.meta.filename, 'hold'], { detached: true, stdio: ['ignore', log, log], cwd: root });
  closeSync(log);
  let ended = false;
  holder.once('exit', () => (ended = true));
  while (!(await healthyKeptStack())) {
    if (ended) {
      console.error(readFileSync(logFile, 'utf8').trim());
      process.exitCode = 1;
      return;
    }
    await sleep(200);
  }
  holder.unref();
  console.log(`kept a test stack in process ${holder.pid}; "npm run stack:test -- stop" ends it`);
}

async function stop() {
  const kept = await healthyKeptStack();
  if (!kept) return console.log('no test stack is kept');
  process.kill(kept.pid, 'SIGTERM');
  const { isAlive } = await import('@truc/local-stack');
  while (isAlive(kept.pid)) await sleep(100);
  console.log('ended the kept test stack');
}

const commands = { start, stop, hold };

export async function keptStack([command = 'start']) {
  if (commands[command]) return commands[command]();
  console.error(`unknown command "${command}": use start or stop`);
  process.exitCode = 3;
}

if (process.argv[1] === import.meta.filename) await keptStack(process.argv.slice(2));
