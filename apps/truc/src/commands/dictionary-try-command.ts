import { resolve } from 'node:path';
import { Command } from 'commander';
import { createRelease } from '@truc/dictionary';
import { systemClock, TrucError } from '@truc/kernel';
import { shadowRun, type ShadowReport } from '@truc/pipeline';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { openLogAccess } from '../dictionary/log-access.js';
import { ProgressLine } from '../dictionary/progress-line.js';
import { shadowDatasets } from '../dictionary/shadow-datasets.js';
import { breaks, trialLines, type Trial } from '../dictionary/trial-lines.js';
import { exitCode, UsageError } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { examples, wholeNumber } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface TryOptions {
  readonly log?: string;
  readonly dataset: readonly string[];
  readonly context?: string;
  readonly output: OutputFormat;
}

export function dictionaryTryCommand(surroundings: Surroundings): Command {
  const { output, end, language, contextPlaces } = surroundings;
  return new Command('try')
    .description('what a proposal would break before anyone approves it: mappings, contracts, schemas, and rows of the retained log')
    .argument('<proposal>', 'its number', wholeNumber('a proposal', 1, 999_999_999))
    .option(
      '--log <file>',
      'read the log with the configuration of a service that may, such as the general database: where that service is',
    )
    .option('--dataset <name>', 'of the log this dataset only; once for each', (name, names: string[]) => [...names, name], [])
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText('after', examples('truc dictionary try 3', 'truc dictionary try 3 --log .truc/backbone/config/general-database.json'))
    .addHelpText('after', '\nEnds with 0 when nothing breaks, 2 when something does. Values of rows are never shown.\n')
    .action(async (number: number, options: TryOptions) => {
      if (options.dataset.length > 0 && options.log === undefined) throw new UsageError('--dataset goes with --log');
      const platform = platformOfContext(contextPlaces, options.context);
      const client = new DictionaryClient(platform);
      const found = await client.trial(number, language);
      const log = options.log === undefined || found.release === null ? null : await logTrial(number, options.log, options, surroundings);
      const trial: Trial = { proposal: number, ...found, log };
      output.write(formatted(options.output, trial, () => trialLines(trial)));
      end(breaks(trial) ? exitCode.found : exitCode.ok);
    });
}

async function logTrial(number: number, file: string, options: TryOptions, surroundings: Surroundings): Promise<ShadowReport[]> {
  const { contextPlaces, errors, environment = {}, language } = surroundings;
  const platform = platformOfContext(contextPlaces, options.context);
  const client = new DictionaryClient(platform);
  const [now, proposed, entries] = [
    await client.release('latest'),
    await client.releaseOfProposal(number, language),
    await platform.policy(),
  ];
  if (proposed.content === null || proposed.number === null) return [];
  const releases = {
    now: createRelease({ number: now.number, ...now.content }),
    next: createRelease({ number: proposed.number, ...proposed.content }),
  };
  const datasets = shadowDatasets(entries, releases.now).filter(
    ({ name }) => options.dataset.length === 0 || options.dataset.includes(name),
  );
  const unknown = options.dataset.find((name) => !datasets.some((dataset) => dataset.name === name));
  if (unknown !== undefined) throw new UsageError(`the policy has no dataset "${unknown}"`);

  const access = openLogAccess(resolve(contextPlaces.workingDirectory, file), environment);
  const stop = new AbortController();
  const onSignal = (): void =>
    stop.abort(new TrucError('DICTIONARY_TRY_STOPPED', 'stopped before the log was read; nothing was changed anywhere'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const progress = new ProgressLine(errors);
  try {
    const reports: ShadowReport[] = [];
    // One after the other: the memory of one is bounded, that of all together is not.
    for (const dataset of datasets) {
      const { reader, schemas } = access;
      const onProgress = (name: string, read: number, of: number): void => progress.tell(name, read, of);
      reports.push(await shadowRun(dataset, { reader, schemas, releases, clock: systemClock, onProgress }, stop.signal));
    }
    return reports;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await access.close();
  }
}
