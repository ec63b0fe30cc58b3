import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import { HelpAsked, UsageError } from '../harness/usage.js';

/** What a person asked for. */
export interface OverheadRequest {
  /** Changed in each measured pass. */
  readonly rows: number;
  readonly runs: number;
  readonly json: boolean;
  readonly workDirectory: string;
}

const defaults = { rows: 20_000, runs: 3, quickRows: 2_000, quickRuns: 1 };

export const usage = `usage: npm run bench:source-overhead -- [options]

What being captured costs a source: bytes of its log and CPU time for each change of a row of the demo population, with wal_level = replica and logical, with the key
and with the whole row (REPLICA IDENTITY FULL) as replica identity, for rows with a portrait outside of the row and without.

for example:
  npm run bench:source-overhead
  npm run bench:source-overhead -- --quick --json

  --rows N    rows that are changed in each pass (default ${defaults.rows}; ${defaults.quickRows} with --quick)
  --runs N    measured passes; medians are told (default ${defaults.runs}; ${defaults.quickRuns} with --quick)
  --quick     less than a minute
  --json      print the results as one JSON object, the last line
  --work DIR  where the server is kept (default .truc/bench/source-overhead; emptied at the start)
  --help      this

Exit codes: 0 measured, 1 the run could not be done, 3 usage.
`;

/** @throws UsageError, HelpAsked */
export function parseOverheadRequest(args: readonly string[]): OverheadRequest {
  const values = parsed(args);
  if (values.help === true) throw new HelpAsked();
  const quick = values.quick ?? false;
  return {
    rows: number('--rows', values.rows, quick ? defaults.quickRows : defaults.rows, 100, 1_000_000),
    runs: number('--runs', values.runs, quick ? defaults.quickRuns : defaults.runs, 1, 100),
    json: values.json ?? false,
    workDirectory: values.work === undefined ? join(checkoutRoot, '.truc', 'bench', 'source-overhead') : resolve(values.work),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ args: [...args], options: { rows: text, runs: text, work: text, quick: flag, json: flag, help: flag } }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function number(option: string, text: string | undefined, usual: number, minimum: number, maximum: number): number {
  const value = text === undefined ? usual : Number(text);
  if (!/^[0-9]+$/.test(text ?? '0') || value < minimum || value > maximum)
    throw new UsageError(`${option} takes a whole number from ${minimum} to ${maximum}`);
  return value;
}
