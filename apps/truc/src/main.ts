import { homedir } from 'node:os';
import { failureLine, sentenceOf } from './failure.js';
import { languageOf } from './live/live-text.js';
import { showCursor } from './live/terminal-screen.js';
import { runProgram } from './program.js';

// Children never outlive us, whatever ends us; a person is told why all the same.
process.on('uncaughtException', (error) => {
  if (process.stdout.isTTY) process.stdout.write(showCursor);
  process.stderr.write(`${sentenceOf(error)}\n`);
  if (process.argv.includes('--json')) process.stdout.write(failureLine(error));
  process.exit(1);
});

process.exitCode = await runProgram(process.argv.slice(2), {
  output: process.stdout,
  errors: process.stderr,
  input: process.stdin,
  environment: process.env,
  contextPlaces: { named: process.env.TRUC_CONTEXT, workingDirectory: process.cwd(), home: homedir() },
  language: languageOf(process.env),
});
process.exit();
