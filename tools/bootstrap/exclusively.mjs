import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

function pause(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

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

/** Runs `act` while no other process of this checkout does the same: the folder `folder` is the lock. A holder that died is found by its process id. */
export function exclusively(folder, act) {
  try {
    mkdirSync(dirname(folder), { recursive: true });
    accessSync(dirname(folder), constants.W_OK);
  } catch (error) {
    process.stderr.write(
      `${dirname(folder)} cannot be written to (${error.code}): run this once as the owner of the checkout, or use a checkout of your own\n`,
    );
    process.exit(1);
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
    else pause(100);
  }
  try {
    writeFileSync(join(folder, 'pid'), String(process.pid));
    return act();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
