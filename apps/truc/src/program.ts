import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { agentCommand } from './commands/agent-command.js';
import { applyCommand } from './commands/apply-command.js';
import { codelistCommand } from './commands/codelist-command.js';
import { completionCommand } from './commands/completion-command.js';
import { contextCommand } from './commands/context-command.js';
import { describeCommand } from './commands/describe-command.js';
import { dictionaryCommand } from './commands/dictionary-command.js';
import { diffCommand } from './commands/diff-command.js';
import { doctorCommand } from './commands/doctor-command.js';
import { getCommand } from './commands/get-command.js';
import { examples } from './commands/option-parser.js';
import { principalCommand } from './commands/principal-command.js';
import { qualityCommand } from './commands/quality-command.js';
import { quarantineCommand } from './commands/quarantine-command.js';
import { registryCommand } from './commands/registry-command.js';
import { schemaCommand } from './commands/schema-command.js';
import { sourceCommand } from './commands/source-command.js';
import { statusCommand } from './commands/status-command.js';
import type { Surroundings } from './commands/surroundings.js';
import { upCommand } from './commands/up-command.js';
import { exitCode, UsageError, type ExitCode } from './exit-code.js';
import { failureLine, sentenceOf } from './failure.js';

/** Runs one command line. @param args without node and script @returns what the process should end with */
export async function runProgram(args: readonly string[], surroundings: Omit<Surroundings, 'end'>): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const whole: Surroundings = { ...surroundings, end: (wanted) => (code = wanted) };
  const program = new Command('truc')
    .description('Trục, the backbone that carries every change to the agencies entitled to it')
    .version(version(), '--version', 'print the version')
    // What stands behind a command is the command's: a code list has a --version too.
    .enablePositionalOptions()
    .addHelpText('after', examples('truc up', 'truc status', 'truc apply -f documents/', 'truc agent pause G01'))
    .addHelpText('after', '\nEnds with 0 ok, 1 failed, 2 changes or violations found, 3 usage.\n');
  for (const command of [
    upCommand(whole),
    applyCommand(whole),
    diffCommand(whole),
    statusCommand(whole),
    getCommand(whole),
    describeCommand(whole),
    doctorCommand(whole),
    agentCommand(whole),
    dictionaryCommand(whole),
    codelistCommand(whole),
    schemaCommand(whole),
    registryCommand(whole),
    sourceCommand(whole),
    quarantineCommand(whole),
    qualityCommand(whole),
    principalCommand(whole),
    contextCommand(whole),
    completionCommand(whole),
  ])
    program.addCommand(command);
  forEachCommand(program, (command) =>
    command
      .exitOverride()
      .showHelpAfterError('add --help to see what there is, with examples')
      .configureOutput({ writeOut: (text) => surroundings.output.write(text), writeErr: (text) => surroundings.errors.write(text) }),
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already said what it did not understand, or shown its help.
    if (error instanceof CommanderError && error.exitCode === 0 && error.code !== 'commander.help') return exitCode.ok;
    if (!(error instanceof CommanderError)) surroundings.errors.write(`${sentenceOf(error)}\n`);
    if (args.includes('--json')) surroundings.output.write(failureLine(error));
    if (error instanceof CommanderError) return exitCode.usage;
    return error instanceof UsageError ? exitCode.usage : exitCode.failed;
  }
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

function forEachCommand(command: Command, visit: (command: Command) => unknown): void {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
}
