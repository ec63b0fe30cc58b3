import { TrucError } from '@truc/kernel';
import { failureLine, sentenceOf } from '../failure.js';
import { exitCode } from '../exit-code.js';
import { showCursor } from '../live/terminal-screen.js';

/** Ends this process though children still run: they end behind us, by the watchdog. */
export function leaveAtOnce(): never {
  const error = new TrucError(
    'BACKBONE_LEFT',
    'stopped at once, and what still runs is ended within ten seconds: nothing is lost, the next start carries on from here',
  );
  if (process.stdout.isTTY) process.stdout.write(showCursor);
  process.stderr.write(`${sentenceOf(error)}\n`);
  if (process.argv.includes('--json')) process.stdout.write(failureLine(error));
  process.exit(exitCode.failed);
}
