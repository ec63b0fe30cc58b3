import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import { HelpAsked, UsageError } from '../harness/usage.js';

export interface BadInputRequest {
  readonly quick: boolean;
  readonly json: boolean;
  readonly workDirectory: string;
  /** Beginning of the surfaces that are wanted; empty: all of them. */
  readonly only: string;
}

export const usage = `usage: npm run check:bad-input -- [options]

A whole backbone is started, and everything that nobody should send is sent to it: schemas, documents, patterns and numbers over HTTP, changed
bytes in topics, strange rows at a source, files to the command line. For each is told what became of it, and how long the process that
stood still the longest did so.

for example:
  npm run check:bad-input -- --quick

  --quick     large inputs of 100 KB instead of a megabyte, and fewer changed messages, commands and pauses
  --only TEXT inputs of surfaces that begin so: registry, platform, "data topic", pgoutput, "truc apply"; what has to work afterwards comes in any case
  --json      print the results as one JSON object, the last line
  --work DIR  where servers and logs are kept (default .truc/bad; emptied at the start)
  --help      this

Exit codes: 0 all refused or borne, 1 the run could not be done, 2 something passed, went down, or computed for more than 100 ms at a time, 3 usage.
`;

/** @throws UsageError, HelpAsked */
export function parseBadInputRequest(args: readonly string[]): BadInputRequest {
  const options = {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    work: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  if (values.help === true) throw new HelpAsked();
  const workDirectory = resolve(values.work ?? join(checkoutRoot, '.truc', 'bad'));
  return { quick: values.quick ?? false, json: values.json ?? false, workDirectory, only: values.only ?? '' };
}
