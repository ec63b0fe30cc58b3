import { Argument, Command } from 'commander';
import { bashScript } from '../completion/bash-script.js';
import { commandWords } from '../completion/command-words.js';
import { fishScript } from '../completion/fish-script.js';
import { zshScript } from '../completion/zsh-script.js';
import { exitCode } from '../exit-code.js';
import { examples } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
type Shell = keyof typeof scripts;

export function completionCommand({ output, end }: Surroundings): Command {
  const command = new Command('completion')
    .description('a script with which a shell completes truc: commands, options, and their values')
    .addArgument(new Argument('<shell>', 'whose script').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      examples(
        'eval "$(truc completion bash)"',
        'truc completion zsh > ~/.zfunc/_truc',
        'truc completion fish > ~/.config/fish/completions/truc.fish',
      ),
    )
    .action((shell: Shell) => {
      // The program that this command was added to knows all the others.
      output.write(scripts[shell](commandWords(command.parent ?? command)));
      end(exitCode.ok);
    });
  return command;
}
