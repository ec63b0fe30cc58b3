import { HelpAsked, UsageError } from '../capture/capture-request.js';
import { benchExitCodes, printed, runBench } from '../harness/bench-program.js';
import { parseBadInputRequest, usage, type BadInputRequest } from './bad-input-request.js';
import { resultLines, resultOf } from './bad-input-result.js';
import { feedBadInput } from './bad-input-run.js';

/** The whole of `npm run check:bad-input`. @param args without the program's name @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let request: BadInputRequest;
  try {
    request = parseBadInputRequest(args);
  } catch (error) {
    if (error instanceof HelpAsked) {
      await printed(usage);
      return benchExitCodes.measured;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}: npm run check:bad-input -- --help lists every option\n`);
    return benchExitCodes.usage;
  }
  return runBench(request.json, async ({ progress, signal }) => {
    const result = resultOf(await feedBadInput(request, progress, signal));
    return { text: resultLines(result), result, holds: result.verdict === 'held' };
  });
}
