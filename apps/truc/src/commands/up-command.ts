import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { backboneApps, checkoutRoot, defaultPortBase, portsFrom, type BackboneApp } from '@truc/local-stack';
import { UsageError } from '../exit-code.js';
import type { Language } from '@truc/kernel';
import { fullBackbone } from '../up/full-backbone.js';
import { singleApp } from '../up/single-app.js';
import { examples, language, oneOf, wholeNumber } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

interface UpOptions {
  readonly residents?: number;
  readonly seed?: number;
  readonly portBase: number;
  readonly once: boolean;
  readonly events: number;
  readonly rate?: number;
  readonly json: boolean;
  readonly fresh: boolean;
  readonly open: boolean;
  readonly reference: string | boolean;
  readonly directory?: string;
  readonly only?: BackboneApp;
  readonly port?: number;
  readonly lang?: Language;
}

/** A world for one app: there is something to look at, and it is there at once. */
const residentsOfSingleApp = 1_000;
const ratePerSecond = { once: 100, live: 20 };

export function upCommand(surroundings: Surroundings): Command {
  return new Command('up')
    .description('start the whole backbone on this machine, with its databases, and keep a life going on')
    .option(
      '--residents <n>',
      'residents of the population database, when it is made (default 100000)',
      wholeNumber('--residents', 10, 50_000_000),
    )
    .option('--seed <n>', 'the same seed makes the same world (default 7)', wholeNumber('--seed', 0, 2 ** 31))
    .option('--once', 'a limited life and the merger of communes, then stop, compare and end', false)
    .option('--events <n>', 'events of the life of --once', wholeNumber('--events', 1, 10_000_000), 500)
    .option(
      '--rate <n>',
      `events a second (default ${ratePerSecond.live}; ${ratePerSecond.once} with --once)`,
      wholeNumber('--rate', 1, 100_000),
    )
    .option('--json', 'print the verdict as one JSON object, the last line', false)
    .option('--fresh', 'delete the data of an earlier start first', false)
    .option(
      '--port-base <n>',
      'PostgreSQL listens on the port after this one, and so on',
      wholeNumber('--port-base', 1023, 65_000),
      defaultPortBase,
    )
    .option('--reference <dir>', 'directory with the real lists of communes (default: ../shared/reference where it is there)')
    .option('--no-reference', 'work with invented communes')
    .option('--directory <dir>', 'where all data is kept (default: .truc/backbone of the checkout)')
    .option('--open', 'platform and registry ask for no credentials; for this machine only', false)
    .option('--only <name>', `run one app with what it needs: ${backboneApps.join(', ')}`, oneOf('--only', backboneApps))
    .option('--port <n>', 'port of the app of --only (default: a free one)', wholeNumber('--port', 1, 65_535))
    .option('--lang <lang>', 'vi or en (default: by LANG)', language)
    .addHelpText(
      'after',
      examples(
        'truc up',
        'truc up --residents 1000000 --port-base 5700',
        'truc up --once --json',
        'truc up --only schema-registry --port 8081 --fresh --open',
      ),
    )
    .action(async (options: UpOptions) => surroundings.end(await up(options, surroundings)));
}

function up(options: UpOptions, surroundings: Surroundings): Promise<0 | 1 | 2 | 3> {
  if (options.port !== undefined && options.only === undefined)
    throw new UsageError('--port goes with --only; all ports are moved with --port-base');
  if (options.only !== undefined && options.once) throw new UsageError('--once goes without --only');
  const { only, fresh, open, seed } = options;
  const referenceDir = referenceDirectory(options.reference, surroundings.contextPlaces.workingDirectory);
  const name = only === undefined ? 'backbone' : `only-${only}`;
  const directory =
    options.directory === undefined
      ? join(checkoutRoot, '.truc', name)
      : resolve(surroundings.contextPlaces.workingDirectory, options.directory);
  const shared = { directory, fresh, open, ...(seed === undefined ? {} : { seed }), ...(referenceDir === null ? {} : { referenceDir }) };
  if (only !== undefined) {
    const residents = options.residents ?? (fresh || !existsSync(directory) ? residentsOfSingleApp : undefined);
    return singleApp({
      app: only,
      port: options.port ?? null,
      backbone: { ...shared, ...(residents === undefined ? {} : { residents }) },
      output: surroundings.output,
      errors: surroundings.errors,
    });
  }
  if (open) surroundings.errors.write('warning: platform and registry are open; everybody on this machine is their administrator\n');
  return fullBackbone({
    backbone: {
      ...shared,
      ports: portsFrom(options.portBase),
      ...(options.residents === undefined ? {} : { residents: options.residents }),
    },
    contextFile: join(checkoutRoot, '.truc', 'context.json'),
    once: options.once,
    events: options.events,
    eventsPerSecond: options.rate ?? (options.once ? ratePerSecond.once : ratePerSecond.live),
    json: options.json,
    language: options.lang ?? surroundings.language,
    output: surroundings.output,
  });
}

/** @returns null where communes are invented @throws UsageError */
function referenceDirectory(option: string | boolean | undefined, workingDirectory: string): string | null {
  if (option === false) return null;
  if (typeof option === 'string') {
    const directory = resolve(workingDirectory, option);
    if (!existsSync(join(directory, 'administrative-units')))
      throw new UsageError(`--reference: ${directory} has no folder administrative-units`);
    return directory;
  }
  const beside = join(checkoutRoot, '..', 'shared', 'reference');
  return existsSync(join(beside, 'administrative-units')) ? beside : null;
}
