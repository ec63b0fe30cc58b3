import type { CommandWords, OptionWords, ValueWords } from './command-words.js';

/** A completion script for bash 3.2 and later. */
export function bashScript(commands: readonly CommandWords[]): string {
  return `# truc completion for bash: put it where bash looks (bash-completion: ~/.local/share/bash-completion/completions/truc), or run  eval "$(truc completion bash)"
_truc() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at= word= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at \${COMP_WORDS[i-1]}" in
${cases(
  withValue(commands).map(({ path, name }) => `${path} ${name}`),
  'continue',
)}
    esac
    case "$at/$word" in
${cases(
  commands.map(({ path }) => path).filter((path) => path !== ''),
  'at=$at/$word',
)}
    esac
  done
  case "$at $prev" in
${withValue(commands)
  .map(({ path, name, value }) => `      ${quoted(`${path} ${name}`)}) ${reply(value)}; return ;;`)
  .join('\n')}
  esac
  case "$at" in
${commands.map((command) => `      ${quoted(command.path)}) ${replyOf(command)} ;;`).join('\n')}
  esac
}
complete -F _truc truc
`;
}

export interface ValuedOption {
  readonly path: string;
  readonly name: string;
  readonly value: ValueWords;
}

/** Every name of an option that takes a value, with the command that it belongs to. */
export function withValue(commands: readonly CommandWords[]): ValuedOption[] {
  const ofOption = (path: string, { names, value }: OptionWords): ValuedOption[] =>
    value === null ? [] : names.map((name) => ({ path, name, value }));
  return commands.flatMap(({ path, options }) => options.flatMap((option) => ofOption(path, option)));
}

function cases(patterns: readonly string[], action: string): string {
  return patterns.map((pattern) => `      ${quoted(pattern)}) ${action} ;;`).join('\n');
}

function reply(value: ValueWords): string {
  switch (value.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W ${quoted(value.words.join(' '))} -- "$cur"))`;
    case 'files':
      return 'COMPREPLY=($(compgen -f -- "$cur"))';
    case 'free':
      return 'COMPREPLY=()';
  }
}

function replyOf({ subcommands, options, argument }: CommandWords): string {
  const names = options.flatMap((option) => option.names);
  const words = argument.kind === 'words' ? argument.words : [];
  const all = `COMPREPLY=($(compgen -W ${quoted([...subcommands.map(({ name }) => name), ...words, ...names].join(' '))} -- "$cur"))`;
  return argument.kind === 'files' ? `${all}; [[ $cur == -* ]] || COMPREPLY+=($(compgen -f -- "$cur"))` : all;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
