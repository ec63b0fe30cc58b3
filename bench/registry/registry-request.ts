import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import { HelpAsked, UsageError } from '../harness/usage.js';

export interface RegistryRequest {
  readonly peer: 'apicurio' | 'none';
  /** In both registries while they are compared. */
  readonly schemas: number;
  /** In ours alone, when it is measured with many. */
  readonly manySchemas: number;
  /** Datasets of the catalogue, whose subjects get a version in every run. */
  readonly datasets: number;
  readonly runs: number;
  /** Of one run of reads. */
  readonly seconds: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly workDirectory: string;
}

const full = { schemas: 10_000, manySchemas: 100_000, datasets: 200, runs: 3, seconds: 10 };
const short = { schemas: 3_000, manySchemas: 12_000, datasets: 60, runs: 3, seconds: 4 };

export const registryUsage = `usage: npm run bench:registry -- [options]

The schema registry and Apicurio, on one PostgreSQL and by one load generator: reads of schemas by id, registration under new subjects, registration of versions
that the dictionary's rules judge (in ours). Then ours with many schemas, its memory, and how long it takes to be ready.

for example:
  npm run bench:registry
  npm run bench:registry -- --quick --peer none

  --peer apicurio|none   who is measured beside it (default apicurio; fetched with Maven the first time, 104 MB)
  --schemas N            in both (default ${full.schemas}; ${short.schemas} with --quick)
  --many N               in ours, at the end (default ${full.manySchemas}; ${short.manySchemas} with --quick)
  --runs N               of each, in turn (default ${full.runs})
  --seconds N            of one run of reads (default ${full.seconds}; ${short.seconds} with --quick)
  --quick                fewer schemas: under 12 minutes with the peer, under 3 without it
  --json                 print the results as one JSON object, the last line
  --work DIR             where servers and logs are kept (default .truc/bench/registry; emptied at the start)
  --help                 this

Exit codes: 0 measured, 1 the run could not be done, 2 a target was missed, 3 usage.
`;

/** @throws UsageError, HelpAsked */
export function parseRegistryRequest(args: readonly string[]): RegistryRequest {
  const values = parsed(args);
  if (values.help === true) throw new HelpAsked();
  const quick = values.quick ?? false;
  const usual = quick ? short : full;
  const peer = values.peer ?? 'apicurio';
  if (peer !== 'apicurio' && peer !== 'none') throw new UsageError('--peer takes one of apicurio, none');
  const schemas = number('--schemas', values.schemas, usual.schemas, 100, 1_000_000);
  return {
    peer,
    schemas,
    manySchemas: number('--many', values.many, Math.max(usual.manySchemas, schemas), schemas, 10_000_000),
    datasets: usual.datasets,
    runs: number('--runs', values.runs, usual.runs, 1, 100),
    seconds: number('--seconds', values.seconds, usual.seconds, 1, 600),
    quick,
    json: values.json ?? false,
    workDirectory: values.work === undefined ? join(checkoutRoot, '.truc', 'bench', 'registry') : resolve(values.work),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const options = { peer: text, schemas: text, many: text, runs: text, seconds: text, work: text, quick: flag, json: flag, help: flag };
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function number(option: string, given: string | undefined, usual: number, minimum: number, maximum: number): number {
  const value = given === undefined ? usual : Number(given);
  if ((given !== undefined && !/^[0-9]+$/.test(given)) || value < minimum || value > maximum)
    throw new UsageError(`${option} takes a whole number from ${minimum} to ${maximum}`);
  return value;
}
