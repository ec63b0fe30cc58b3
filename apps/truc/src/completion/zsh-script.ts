import { quoted, withValue } from './bash-script.js';
import type { CommandWords, ValueWords } from './command-words.js';

/** A completion function for zsh 5. */
export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef truc
# truc completion for zsh: write it to a file _truc in a directory of $fpath, or run  eval "$(truc completion zsh)"  after compinit
_truc() {
  local at= word= i
  local -a entries
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case "$at $words[i-1]" in
${withValue(commands)
  .map(({ path, name }) => `      ${quoted(`${path} ${name}`)}) continue ;;`)
  .join('\n')}
    esac
    case "$at/$word" in
${commands
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quoted(path)}) at=$at/$word ;;`)
  .join('\n')}
    esac
  done
  case "$at $words[CURRENT-1]" in
${withValue(commands)
  .map(({ path, name, value }) => `      ${quoted(`${path} ${name}`)}) ${action(value)}; return ;;`)
  .join('\n')}
  esac
  case "$at" in
${commands.map((command) => `      ${quoted(command.path)}) ${entriesOf(command)} ;;`).join('\n')}
  esac
  _describe -V truc entries
}
if [ "$funcstack[1]" = _truc ]; then
  _truc "$@"
else
  compdef _truc truc
fi
`;
}

function action(value: ValueWords): string {
  switch (value.kind) {
    case 'words':
      return `compadd -- ${value.words.map(quoted).join(' ')}`;
    case 'files':
      return '_files';
    case 'free':
      return ':';
  }
}

function entriesOf({ subcommands, options, argument }: CommandWords): string {
  const words = argument.kind === 'words' ? argument.words.map((name) => ({ name, description: '' })) : [];
  const named = options.flatMap(({ names, description }) => names.map((name) => ({ name, description })));
  const entries = [...subcommands, ...words, ...named].map(({ name, description }) =>
    quoted(description === '' ? name : `${name.replaceAll(':', String.raw`\:`)}:${description}`),
  );
  return `entries=(${entries.join(' ')})${argument.kind === 'files' ? '; _files' : ''}`;
}
