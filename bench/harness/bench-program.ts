import { messageOf, TrucError } from '@truc/kernel';
import { HelpAsked, UsageError } from './usage.js';

/** What every bench ends with. */
const benchExitCodes = { measured: 0, failed: 1, missed: 2, usage: 3 } as const;

export interface BenchRun {
  readonly progress: (sentence: string) => void;
  /** Aborts at Ctrl-C; whoever works ends what it started. */
  readonly signal: AbortSignal;
}

export interface BenchOutcome {
  /** For a person. */
  readonly text: string;
  /** For a program. */
  readonly result: object;
  /** False where what was measured misses what the bench holds it to. */
  readonly holds: boolean;
}

export interface BenchProgram<R extends { readonly json: boolean }> {
  /** `bench:capture` */
  readonly name: string;
  readonly usage: string;
  /** @throws UsageError, HelpAsked */
  readonly parse: (args: readonly string[]) => R;
  readonly work: (request: R, run: BenchRun) => Promise<BenchOutcome>;
}

/** The whole of a bench or checker. @param args without the program's name @returns the exit code */
export async function benchMain<R extends { readonly json: boolean }>(program: BenchProgram<R>, args: readonly string[]): Promise<number> {
  const { name, usage, parse, work } = program;
  let request: R;
  try {
    request = parse(args);
  } catch (error) {
    if (error instanceof HelpAsked) {
      await printed(usage);
      return benchExitCodes.measured;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}: npm run ${name} -- --help lists every option\n`);
    return benchExitCodes.usage;
  }
  return runBench(request.json, (run) => work(request, run));
}

/** Says on stderr what is being done, with the time since the beginning. */
function toldProgress(): (sentence: string) => void {
  const startedAt = performance.now();
  return (sentence) => {
    process.stderr.write(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)} s  ${sentence}\n`);
  };
}

/**
 * The life of a bench as a process: it can be given up at any moment, tells its results for a person and, where that is asked for, as one JSON object, the last line.
 * @returns the exit code
 */
async function runBench(json: boolean, work: (run: BenchRun) => Promise<BenchOutcome>): Promise<number> {
  const giveUp = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => giveUp.abort(new TrucError('BENCH_GIVEN_UP', 'the run was given up; everything it started is stopped')));
  try {
    const { text, result, holds } = await work({ progress: toldProgress(), signal: giveUp.signal });
    await printed(text);
    if (json) await printed(`${JSON.stringify(result)}\n`);
    return holds ? benchExitCodes.measured : benchExitCodes.missed;
  } catch (error) {
    const told: unknown = giveUp.signal.aborted ? giveUp.signal.reason : error;
    process.stderr.write(`${messageOf(told)}\n`);
    const code = told instanceof TrucError ? told.code : 'BENCH_FAILED';
    if (json) await printed(`${JSON.stringify({ verdict: 'failed', error: { code, message: messageOf(told) } })}\n`);
    return benchExitCodes.failed;
  }
}

/** Written out, however slow the reader of a pipe is. */
function printed(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}
