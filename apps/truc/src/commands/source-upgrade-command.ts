import { resolve } from 'node:path';
import { systemClock, type Language } from '@truc/kernel';
import { Command } from 'commander';
import { exitCode, UsageError } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { sourceAccess } from '../source/source-access.js';
import { beginUpgrade, continueUpgrade, type UpgradeSurroundings } from '../source/upgrade/upgrade-journey.js';
import { planLines, standingLines } from '../source/upgrade/upgrade-lines.js';
import { readUpgradeRecord, writeUpgradeRecord } from '../source/upgrade/upgrade-record.js';
import { examples, language, wholeNumber } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface UpgradeOptions {
  readonly agency?: string;
  readonly source?: string;
  readonly fromUrlFile?: string;
  readonly toUrlFile?: string;
  readonly slot?: string;
  readonly publication?: string;
  readonly record?: string;
  readonly plan: boolean;
  readonly writesStopped: boolean;
  readonly restored: boolean;
  readonly switched: boolean;
  readonly acceptGap?: string;
  readonly wait: number;
  readonly timeout: number;
  readonly output: OutputFormat;
  readonly lang?: Language;
}

export function sourceUpgradeCommand(surroundings: Surroundings): Command {
  return new Command('upgrade')
    .description('lead a captured database through a major version of PostgreSQL by dump and restore: no gap, proven, or one with a name')
    .option('--agency <code>', 'agency code, as in G01')
    .option('--source <name>', 'the source, as its documents call the database')
    .option('--from-url-file <file>', 'a file whose first line is the URL of the old server, of an administrator')
    .option('--to-url-file <file>', 'the same of the new server, with the database that is restored into')
    .option('--slot <name>', 'replication slot of the agent (default: truc_<database>)')
    .option('--publication <name>', 'publication that it reads (default: truc_<database>)')
    .option('--record <file>', 'where it is kept how far the upgrade is (default: truc-upgrade-<agency>-<source>.json)')
    .option('--plan', 'only tell the steps', false)
    .option('--writes-stopped', 'nothing writes to the old server any more', false)
    .option('--restored', 'the new server has the data, the role and the publication', false)
    .option('--accept-gap <reason>', 'go on although not all could be proven, and say why')
    .option('--switched', "the file that the agent's url names holds the new address", false)
    .option('--wait <seconds>', 'how long the agent is waited for in one call', wholeNumber('--wait', 0, 86_400), 120)
    .option('--timeout <seconds>', 'for one statement; a table is read whole by one', wholeNumber('--timeout', 1, 86_400), 3_600)
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .option('--lang <language>', 'vi or en', language)
    .addHelpText(
      'after',
      examples(
        'truc source upgrade --plan',
        'truc source upgrade --agency G01 --source population --from-url-file old.txt --to-url-file new.txt',
        'truc source upgrade --agency G01 --source population --from-url-file old.txt --to-url-file new.txt --writes-stopped --restored --switched',
      ),
    )
    .addHelpText(
      'after',
      '\nCall it again after each step of yours. Ends with 0 when the upgrade is complete, 2 while a step is to be done.\n',
    )
    .action((options: UpgradeOptions) => upgrade(options, surroundings));
}

async function upgrade(options: UpgradeOptions, { contextPlaces, environment = {}, output, end, ...more }: Surroundings): Promise<void> {
  const speech = options.lang ?? more.language;
  if (options.plan) {
    output.write(formatted(options.output, { steps: planLines(null, speech) }, () => planLines(null, speech)));
    return end(exitCode.ok);
  }
  const { agency, source, fromUrlFile, toUrlFile } = options;
  if (agency === undefined || source === undefined || fromUrlFile === undefined || toUrlFile === undefined)
    throw new UsageError('say --agency, --source, --from-url-file and --to-url-file; --plan alone tells the steps');
  const { workingDirectory } = contextPlaces;
  const named = {
    ...(options.slot === undefined ? {} : { slot: options.slot }),
    ...(options.publication === undefined ? {} : { publication: options.publication }),
  };
  const accessOf = (urlFile: string) => sourceAccess({ urlFile, ...named }, source, workingDirectory, environment);
  const [from, to] = [accessOf(fromUrlFile), accessOf(toUrlFile)];
  const path = resolve(workingDirectory, options.record ?? `truc-upgrade-${agency}-${source}.json`);
  const surroundings: UpgradeSurroundings = {
    fromUrl: from.url,
    toUrl: to.url,
    statementTimeoutMs: options.timeout * 1000,
    waitMs: options.wait * 1000,
    pollMs: 500,
    clock: systemClock,
    agent: (command, resolution) =>
      platformOfContext(contextPlaces).command(agency, command, source, resolution === undefined ? {} : { resolution, timeoutMs: 60_000 }),
    save: (record) => writeUpgradeRecord(path, record),
  };
  const about = { agency, source, slot: from.slot, publication: from.publication, from: from.shown, to: to.shown };
  const known = readUpgradeRecord(path);
  if (known !== null && (known.from !== about.from || known.to !== about.to || known.slot !== about.slot))
    throw new UsageError(`${path} is of another upgrade, from ${known.from} to ${known.to}: name another file with --record`);
  const begun = known ?? (await beginUpgrade(about, surroundings));
  const said = {
    writesStopped: options.writesStopped,
    restored: options.restored,
    switched: options.switched,
    acceptGap: options.acceptGap ?? null,
  };
  const { record, standing } = await continueUpgrade(begun, said, surroundings);
  output.write(formatted(options.output, { standing, record }, () => standingLines(record, standing, speech)));
  end(standing.next === null ? exitCode.ok : exitCode.found);
}
