import type { Argument, Command, Option } from 'commander';
import { resourceKind, resourceKinds } from '../catalogue/resource.js';
import type { WordParser } from '../commands/option-parser.js';

/** What may follow an option or stand as an argument. */
export type ValueWords =
  { readonly kind: 'words'; readonly words: readonly string[] } | { readonly kind: 'files' } | { readonly kind: 'free' };

export interface OptionWords {
  /** `-f` and `--file`. */
  readonly names: readonly string[];
  readonly description: string;
  /** null where the option takes no value. */
  readonly value: ValueWords | null;
}

/** One command as shells complete it. */
export interface CommandWords {
  /** Its place: `/agent/pause`; empty for the program. */
  readonly path: string;
  readonly description: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionWords[];
  /** Of its first argument; the others are free. */
  readonly argument: ValueWords;
}

/** Every command of the program, the program itself first: what completion is made of, whichever the shell. */
export function commandWords(program: Command, path = ''): CommandWords[] {
  const visible = program.createHelp().visibleCommands(program);
  const subcommands = visible.map((command) => ({ name: command.name(), description: firstClause(command.description()) }));
  const [argument] = program.registeredArguments;
  const own: CommandWords = {
    path,
    description: firstClause(program.description()),
    subcommands,
    options: program.createHelp().visibleOptions(program).map(optionWords),
    argument: argument === undefined ? { kind: 'free' } : valueOf(argument, argument.name()),
  };
  // The help command of the program knows the same names, which need no scripts of their own.
  const children = program.commands.flatMap((command) => commandWords(command, `${path}/${command.name()}`));
  return [own, ...children];
}

function optionWords(option: Option): OptionWords {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  const value = option.required || option.optional ? valueOf(option, /<(.+)>/.exec(option.flags)?.[1] ?? '') : null;
  return { names, description: firstClause(option.description), value };
}

/** What a parser takes, where it is a matter of words. */
function wordsOf(parser: unknown): readonly string[] | undefined {
  if (parser === resourceKind) return resourceKinds;
  return typeof parser === 'function' && 'words' in parser ? (parser as WordParser<string>).words : undefined;
}

const fileNames = new Set(['file', 'files', 'path', 'dir', 'directory']);

function valueOf(source: Pick<Option | Argument, 'argChoices' | 'parseArg'>, placeholder: string): ValueWords {
  if (source.argChoices !== undefined) return { kind: 'words', words: source.argChoices };
  const words = wordsOf(source.parseArg);
  if (words !== undefined) return { kind: 'words', words };
  return fileNames.has(placeholder.replace(/\.+$/, '')) ? { kind: 'files' } : { kind: 'free' };
}

/** Short enough for a line beside the word. */
function firstClause(text: string): string {
  const [clause = ''] = text.split(/[;:(\n]/, 1);
  return clause.trim();
}
