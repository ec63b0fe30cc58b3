import { quoted, withValue } from './bash-script.js';
import type { CommandWords, OptionWords, ValueWords } from './command-words.js';

/** A completion script for fish 3. */
export function fishScript(commands: readonly CommandWords[]): string {
  const paths = commands.map(({ path }) => path).filter((path) => path !== '');
  const valued = withValue(commands).map(({ path, name }) => `${path} ${name}`);
  return `# truc completion for fish: write it to ~/.config/fish/completions/truc.fish, or run  truc completion fish | source
function __truc_at
  set -l words (commandline -opc)
  set -l at ''
  set -l previous ''
  for word in $words[2..-1]
    if not contains -- "$at $previous" ${valued.map(fishQuoted).join(' ')}
      if contains -- "$at/$word" ${paths.map(fishQuoted).join(' ')}
        set at "$at/$word"
      end
    end
    set previous $word
  end
  test "$at" = "$argv[1]"
end
complete -c truc -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, subcommands, options, argument }: CommandWords): string[] {
  const begin = `complete -c truc -n ${fishQuoted(`__truc_at ${quoted(path)}`)}`;
  const words = argument.kind === 'words' ? [`${begin} -f -a ${fishQuoted(argument.words.join(' '))}`] : [];
  return [
    ...subcommands.map(({ name, description }) => `${begin} -f -a ${fishQuoted(name)} -d ${fishQuoted(description)}`),
    ...words,
    ...(argument.kind === 'files' ? [`${begin} -F`] : []),
    ...options.map((option) => `${begin}${optionText(option)}`),
  ];
}

function optionText({ names, description, value }: OptionWords): string {
  const flags = names.map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`));
  return `${flags.join('')}${value === null ? '' : valueText(value)} -d ${fishQuoted(description)}`;
}

function valueText(value: ValueWords): string {
  switch (value.kind) {
    case 'words':
      return ` -x -a ${fishQuoted(value.words.join(' '))}`;
    case 'files':
      return ' -r -F';
    case 'free':
      return ' -x';
  }
}

/** Within single quotes fish knows two escapes. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
