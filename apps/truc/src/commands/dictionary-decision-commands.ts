import { Command } from 'commander';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { refusalLines } from '../dictionary/dictionary-lines.js';
import { exitCode, UsageError, type ExitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { examples, wholeNumber } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface DecisionOptions {
  readonly comment: string;
  readonly context?: string;
  readonly output: OutputFormat;
}

const proposalNumber = wholeNumber('a proposal', 1, 999_999_999);

/** review, approve, reject and withdraw: what people say about a proposal. */
export function dictionaryDecisionCommands(surroundings: Surroundings): Command[] {
  const { contextPlaces, end } = surroundings;
  const client = ({ context }: DecisionOptions): DictionaryClient => new DictionaryClient(platformOfContext(contextPlaces, context));
  const decision = (name: string, description: string): Command =>
    new Command(name)
      .description(description)
      .argument('<number>', 'number of the proposal', proposalNumber)
      .option('--comment <text>', 'kept with it', '')
      .option('--context <name>', 'a context other than the current one')
      .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table');

  return [
    decision('review', 'agree with a proposal or object to it; what you said last counts')
      .option('--agree', 'nothing speaks against it')
      .option('--object', 'something does: say what in --comment')
      .addHelpText(
        'after',
        examples('truc dictionary review 3 --agree', 'truc dictionary review 3 --object --comment "our registers have no such field"'),
      )
      .action(async (number: number, options: DecisionOptions & { agree?: true; object?: true }) => {
        if ((options.agree === undefined) === (options.object === undefined)) throw new UsageError('review takes --agree or --object');
        if (options.object === true && options.comment.trim() === '')
          throw new UsageError('--object takes a --comment: what speaks against it');
        const verdict = options.agree === true ? 'agreed' : 'objected';
        await client(options).review(number, verdict, options.comment);
        end(told(surroundings, options, { number, verdict }, `you ${verdict}: proposal ${number}`));
      }),
    decision('approve', 'make the next release of a proposal: for the dictionary authority, and not for who proposed it')
      .addHelpText(
        'after',
        examples('truc dictionary approve 3', 'truc dictionary approve 3 --comment "discussed with G12" --context local-dictionary'),
      )
      .addHelpText('after', '\nEnds with 0 when it is a release, 2 when something stands in its way.\n')
      .action(async (number: number, options: DecisionOptions) => end(await approve(number, options, client(options), surroundings))),
    decision('reject', 'turn a proposal down: for the dictionary authority')
      .addHelpText('after', examples('truc dictionary reject 3 --comment "there is person.other-name for that"'))
      .action(async (number: number, options: DecisionOptions) => {
        if (options.comment.trim() === '') throw new UsageError('reject takes a --comment: why');
        await client(options).turnDown(number, 'rejection', options.comment);
        end(told(surroundings, options, { number, state: 'rejected' }, `proposal ${number} is rejected`));
      }),
    decision('withdraw', 'take back a proposal of your own or of your agency')
      .addHelpText('after', examples('truc dictionary withdraw 3'))
      .action(async (number: number, options: DecisionOptions) => {
        await client(options).turnDown(number, 'withdrawal', options.comment);
        end(told(surroundings, options, { number, state: 'withdrawn' }, `proposal ${number} is withdrawn`));
      }),
  ];
}

async function approve(number: number, options: DecisionOptions, client: DictionaryClient, surroundings: Surroundings): Promise<ExitCode> {
  const answer = await client.approve(number, options.comment, surroundings.language);
  if (!('problems' in answer)) {
    const later = answer.pending === null ? '' : `; it is not published yet, which goes on by itself: ${answer.pending}`;
    return told(surroundings, options, answer, `proposal ${number} is release ${answer.release}${later}`);
  }
  const lines = [...refusalLines(answer.problems), '', `proposal ${number} was not approved`];
  if (options.output === 'table') surroundings.errors.write(`${lines.join('\n')}\n`);
  else surroundings.output.write(formatted(options.output, answer, () => []));
  return exitCode.found;
}

function told({ output }: Surroundings, options: DecisionOptions, value: object, sentence: string): ExitCode {
  output.write(formatted(options.output, value, () => [sentence]));
  return exitCode.ok;
}
