import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from './failure.mjs';

function holderIsGone(folder) {
  let pid;
  try {
    pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  } catch {
    return null;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Runs `act`, which may be asynchronous, while no other process of this checkout does the same: the folder `folder` is the lock. A holder that died is found by its process id. */
export async function exclusively(folder, act) {
  try {
    mkdirSync(dirname(folder), { recursive: true });
    accessSync(dirname(folder), constants.W_OK);
  } catch (error) {
    const cure =
      error.code === 'ENOSPC'
        ? 'make room on its disk and start again'
        : 'run this once as the owner of the checkout, or use a checkout of your own';
    fail('BOOTSTRAP_UNWRITABLE', `${dirname(folder)} cannot be written to (${error.code}): ${cure}`);
  }
  for (let unnamed = 0; ;) {
    try {
      mkdirSync(folder);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const gone = holderIsGone(folder);
    // A holder writes its id right after it made the folder; one that never does died in between.
    unnamed = gone === null ? unnamed + 1 : 0;
    if (gone === true || unnamed > 50) rmSync(folder, { recursive: true, force: true });
    else await sleep(100);
  }
  try {
    writeFileSync(join(folder, 'pid'), String(process.pid));
    return await act();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
