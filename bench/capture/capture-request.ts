import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import type { Compression } from '../debezium/connect-configuration.js';
import { HelpAsked, UsageError } from '../harness/usage.js';

export type RulesChoice = 'on' | 'off' | 'both';
export type PeerChoice = 'debezium' | 'none';

/** What a person asked for. */
export interface CaptureRequest {
  readonly rules: RulesChoice;
  readonly peer: PeerChoice;
  /** Of the peer's producer. */
  readonly compression: Compression;
  /** Of one backlog. */
  readonly rows: number;
  /** Measured drains of each contestant. */
  readonly runs: number;
  /** Drained by each before anything is measured. */
  readonly warmUpRows: number;
  readonly quick: boolean;
  readonly json: boolean;
  /** Tells where the agents' CPU time goes. */
  readonly profile: boolean;
  readonly workDirectory: string;
}

const defaults = { rows: 500_000, runs: 3, quickRows: 100_000 };
/** A JVM needs several hundred thousand rows before it is as fast as it gets. */
const peerWarmUpRows = 300_000;

export const usage = `usage: npm run bench:capture -- [options]

A backlog of inserts is committed while nobody captures, then drained into Kafka by each in turn: the agent with the value rules, the agent without
them, and Debezium's connector, on the same PostgreSQL, Kafka and table. All are warm before anything is measured; medians are told.

for example:
  npm run bench:capture
  npm run bench:capture -- --quick --peer none
  npm run bench:capture -- --rules on --peer none --rows 200000 --profile

  --rules on|off|both    the agent with rules, without, or both in turn (default both, also as "on|off")
  --peer debezium|none   who is measured beside it (default debezium; fetched with Maven the first time, 42 MB)
  --rows N               rows of one backlog (default ${defaults.rows}; ${defaults.quickRows} with --quick)
  --runs N               measured drains of each (default ${defaults.runs})
  --warm-up N            rows that each drains before (default as --rows; with --quick ${peerWarmUpRows} where there is a peer)
  --quick                a smaller backlog: under 3 minutes without the peer, under 12 with it
  --compression none|lz4 of the peer's producer (default none, as ours)
  --profile              tell where the agents' CPU time goes in the measured drains, which are slower for it
  --json                 print the results as one JSON object, the last line
  --work DIR             where servers and logs are kept (default .truc/bench/capture; emptied at the start)
  --help                 this

Exit codes: 0 measured, 1 the run could not be done, 2 the rules cost more than 10 % of the throughput, 3 usage.
`;

/** @throws UsageError, HelpAsked */
export function parseCaptureRequest(args: readonly string[]): CaptureRequest {
  const values = parsed(args);
  if (values.help === true) throw new HelpAsked();
  const quick = values.quick ?? false;
  const peer = oneOf('--peer', values.peer ?? 'debezium', ['debezium', 'none']);
  const rules = values.rules === 'on|off' ? 'both' : oneOf('--rules', values.rules ?? 'both', ['on', 'off', 'both']);
  const rows = number('--rows', values.rows ?? String(quick ? defaults.quickRows : defaults.rows), 1_000, 20_000_000);
  const usual = quick && peer !== 'none' && values.rows === undefined ? peerWarmUpRows : rows;
  return {
    rules,
    peer,
    compression: oneOf('--compression', values.compression ?? 'none', ['none', 'lz4']),
    rows,
    runs: number('--runs', values.runs ?? String(defaults.runs), 1, 100),
    warmUpRows: number('--warm-up', values['warm-up'] ?? String(usual), 1_000, 20_000_000),
    quick,
    json: values.json ?? false,
    profile: values.profile ?? false,
    workDirectory: values.work === undefined ? join(checkoutRoot, '.truc', 'bench', 'capture') : resolve(values.work),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        rules: text,
        peer: text,
        compression: text,
        rows: text,
        runs: text,
        'warm-up': text,
        work: text,
        quick: flag,
        json: flag,
        profile: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${option} takes one of ${allowed.join(', ')}`);
  return found;
}

function number(option: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < minimum || value > maximum)
    throw new UsageError(`${option} takes a whole number from ${minimum} to ${maximum}`);
  return value;
}
