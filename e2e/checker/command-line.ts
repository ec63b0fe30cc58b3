import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import type { Plant } from './plant.js';
import { randomFaults } from './random-faults.js';
import type { Scenario } from './scenario.js';

/** What a person asked for. */
export interface CheckRequest {
  /** One by name, or faults at random for a time. */
  readonly scenario: Scenario;
  readonly seed: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly plant: Plant | null;
  /** Of a backbone that runs; null: one is started. */
  readonly directory: string | null;
  readonly portBase: number;
  readonly residents: number;
  /** Where the own backbone, histories and reports are kept. */
  readonly workDirectory: string;
}

/** The command cannot be understood; the message says what can be. */
export class UsageError extends Error {}

/** Somebody wants to know what can be asked for. */
export class HelpAsked extends Error {}

/** A day. */
const minutesMax = 24 * 60;
const defaults = { seed: 42, portBase: 4800, residents: 500 };

export function usage(scenarios: readonly Scenario[], plants: readonly Plant[]): string {
  const list = (items: readonly { readonly name: string; readonly describes: string }[]): string =>
    items.map(({ name, describes }) => `  ${name.padEnd(30)} ${describes}`).join('\n');
  const open = scenarios.flatMap(({ name, needsOwnBackbone }) => (needsOwnBackbone ? [] : [name])).join(', ');
  return `usage: npm run check:faults -- (--scenario NAME | --minutes M) [options]

for example:
  npm run check:faults -- --scenario kill-agent --quick
  npm run check:faults -- --minutes 10 --seed 7 --json
  npm run check:faults -- --scenario large-transaction --directory .truc/backbone

  --scenario NAME    one scenario, by name
  --minutes M        faults at random for M minutes
  --seed S           draws faults and writes as another run with it did; how they fall together is up to the machine (default ${defaults.seed})
  --quick            the smaller form of scenarios that have one
  --plant NAME       builds a bug in, which must be found
  --json             print the verdict as one JSON object, the last line
  --directory DIR    check the backbone that "npm start -- --directory DIR" keeps, instead of one of its own; invented persons and the
                     schema "checker" stay in its population database (${open})
  --port-base N      ports of an own backbone follow this one (default ${defaults.portBase})
  --residents N      residents of an own backbone (default ${defaults.residents})
  --help             this
  --work DIR         where an own backbone, histories and reports are kept (default .truc/checker)

Exit codes: 0 everything held, 1 the run could not be done, 2 something was violated or not evaluated, 3 usage.

Scenarios
${list(scenarios)}

Planted bugs
${list(plants)}
`;
}

/** @throws UsageError, HelpAsked */
export function parseCommandLine(args: readonly string[], scenarios: readonly Scenario[], plants: readonly Plant[]): CheckRequest {
  const values = parsed(args);
  if (values.help === true) throw new HelpAsked();
  const plant = values.plant === undefined ? null : named('planted bug', plants, values.plant);
  if (values.scenario !== undefined && values.minutes !== undefined) throw new UsageError('give --scenario or --minutes, not both');
  const chosen = values.scenario ?? (values.minutes === undefined ? plant?.scenario : undefined);
  if (chosen === undefined && values.minutes === undefined) throw new UsageError('give --scenario NAME or --minutes M');
  const directory = values.directory === undefined ? null : resolve(values.directory);
  if (directory !== null && plant !== null)
    throw new UsageError('--plant goes without --directory: the bug is built into a backbone of its own');
  const scenario =
    chosen === undefined
      ? randomFaults(number('--minutes', values.minutes, 1, minutesMax), scenarios)
      : named('scenario', scenarios, chosen);
  if (directory !== null && scenario.needsOwnBackbone)
    throw new UsageError(`${scenario.name} needs a backbone of its own: leave --directory out`);
  return {
    scenario,
    seed: number('--seed', values.seed ?? String(defaults.seed), 0, 2 ** 31),
    quick: values.quick ?? false,
    json: values.json ?? false,
    plant,
    directory,
    portBase: number('--port-base', values['port-base'] ?? String(defaults.portBase), 1_023, 65_000),
    residents: number('--residents', values.residents ?? String(defaults.residents), 10, 1_000_000),
    workDirectory: values.work === undefined ? join(checkoutRoot, '.truc', 'checker') : resolve(values.work),
  };
}

/** What decides a run; a check with the same does the same again, as far as the machine lets it. */
export type RepeatedCheck = Pick<CheckRequest, 'scenario' | 'seed' | 'quick' | 'plant' | 'directory' | 'residents'>;

/** The command that asks for the same again. */
export function repeatCommand({ scenario, seed, quick, plant, directory, residents }: RepeatedCheck): string {
  const parts = [
    scenario.askedBy ?? `--scenario ${scenario.name}`,
    `--seed ${seed}`,
    ...(quick ? ['--quick'] : []),
    ...(plant === null ? [] : [`--plant ${plant.name}`]),
    directory === null ? `--residents ${residents}` : `--directory ${directory}`,
  ];
  return `npm run check:faults -- ${parts.join(' ')}`;
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: text,
        minutes: text,
        seed: text,
        plant: text,
        directory: text,
        'port-base': text,
        residents: text,
        work: text,
        quick: flag,
        json: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function named<T extends { readonly name: string }>(what: string, all: readonly T[], name: string): T {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new UsageError(`there is no ${what} "${name}": ${all.map((one) => one.name).join(', ')}`);
  return found;
}

function number(option: string, text: string | undefined, minimum: number, maximum: number): number {
  const value = Number(text);
  if (text === undefined || !/^[0-9]+$/.test(text) || value < minimum || value > maximum)
    throw new UsageError(`${option} takes a whole number from ${minimum} to ${maximum}`);
  return value;
}
