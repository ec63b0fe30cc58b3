import { homedir } from 'node:os';
import { sentenceOf } from './exit-code.js';
import { languageOf } from './live/live-text.js';
import { runProgram } from './program.js';

// Children never outlive us, whatever ends us; a person is told why all the same.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
});

process.exitCode = await runProgram(process.argv.slice(2), {
  output: process.stdout,
  errors: process.stderr,
  contextPlaces: { named: process.env.TRUC_CONTEXT, workingDirectory: process.cwd(), home: homedir() },
  language: languageOf(process.env),
});
process.exit();
