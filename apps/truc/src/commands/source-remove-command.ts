import { Command } from 'commander';
import { readRemnants, removalPlan, removeRemnants, withSurveySession, type CaptureNames } from '@truc/source-survey';
import type { Language } from '@truc/kernel';
import { answeredYes } from '../dictionary/yes-or-no.js';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { dryLine, outcomeLines, planLines, proofLines } from '../source/removal-lines.js';
import { roleDefault, sourceAccess } from '../source/source-access.js';
import { examples, language } from './option-parser.js';
import { withSourceOptions, type SourceOptions } from './source-options.js';
import type { Surroundings } from './surroundings.js';

interface RemoveOptions extends SourceOptions {
  readonly name?: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly output: OutputFormat;
  readonly lang?: Language;
}

export function sourceRemoveCommand(surroundings: Surroundings): Command {
  return withSourceOptions(
    new Command('remove').description('remove slot, publication and role from a database, and look again whether they are gone'),
  )
    .option('--name <name>', 'what documents call the database, for the names of slot and publication (default: as PostgreSQL does)')
    .option('--role <name>', `role that captures (default: ${roleDefault}, or the one of --config)`)
    .option('--dry-run', 'only say what is there and what would be done', false)
    .option('--yes', 'do it without asking', false)
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--lang <language>', 'vi or en', language)
    .addHelpText(
      'after',
      examples(
        'truc source remove --url postgres://admin@db.agency/population --dry-run',
        'truc source remove --url-file url.txt --name population --yes',
        'truc source remove --config agent.json --source population --yes',
      ),
    )
    .addHelpText('after', '\nEnds with 0 when nothing is left, 2 when something is; what you may not do yourself is printed as SQL.\n')
    .action((options: RemoveOptions) => remove(options, surroundings));
}

async function remove(options: RemoveOptions, surroundings: Surroundings): Promise<void> {
  const { contextPlaces, environment = {}, input, output, end } = surroundings;
  const speech = options.lang ?? surroundings.language;
  const access = sourceAccess(options, options.name ?? null, contextPlaces.workingDirectory, environment);
  const session = { statementTimeoutMs: options.timeout * 1000 };
  const say = (lines: readonly string[]): void => {
    if (options.output === 'table') output.write(`${lines.join('\n')}\n`);
  };
  const answer = (value: object): void => {
    if (options.output !== 'table') output.write(formatted(options.output, value, () => []));
  };
  const names = await withSurveySession(access.url, session, async (open): Promise<CaptureNames> => {
    const role = access.role ?? (await open.value<string>('asking who is connected', 'SELECT current_user::text'));
    return { slot: access.slot, publication: access.publication, role };
  });
  const before = await withSurveySession(access.url, session, (open) => readRemnants(open, names));
  const steps = removalPlan(before);
  if (steps.length > 0) say(planLines(before, steps, speech));
  if (steps.length > 0 && !options.yes) {
    const question = speech === 'vi' ? `Gỡ khỏi ${access.shown}?` : `Remove it from ${access.shown}?`;
    const isWanted = !options.dryRun && options.output === 'table' && (await answeredYes(question, input, output));
    if (!isWanted) {
      say(['', dryLine(speech)]);
      answer({ verdict: 'left', changed: false, names, steps });
      return end(exitCode.found);
    }
  }
  if (options.dryRun && steps.length > 0) {
    answer({ verdict: 'left', changed: false, names, steps });
    return end(exitCode.found);
  }
  const outcomes =
    steps.length === 0 ? [] : await withSurveySession(access.url, { ...session, mayWrite: true }, (open) => removeRemnants(open, steps));
  // Looked at anew, by another connection: what is gone is gone for everybody.
  const after = await withSurveySession(access.url, session, (open) => readRemnants(open, names));
  const left = removalPlan(after);
  say([...(outcomes.length === 0 ? [] : ['', ...outcomeLines(outcomes, speech), '']), ...proofLines(after, left, speech)]);
  answer({
    verdict: left.length === 0 ? 'nothing left' : 'left',
    changed: outcomes.some(({ refused }) => refused === null),
    names,
    removed: outcomes.filter(({ refused }) => refused === null).map(({ step }) => `${step.kind} ${step.name}`),
    steps: left,
  });
  end(left.length === 0 ? exitCode.ok : exitCode.found);
}
