import { benchMain } from '../harness/bench-program.js';
import { parseBadInputRequest, usage } from './bad-input-request.js';
import { resultLines, resultOf } from './bad-input-result.js';
import { feedBadInput } from './bad-input-run.js';

/** The whole of `npm run check:bad-input`. @param args without the program's name @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  return benchMain(
    {
      name: 'check:bad-input',
      usage,
      parse: parseBadInputRequest,
      work: async (request, { progress, signal }) => {
        const result = resultOf(await feedBadInput(request, progress, signal));
        return { text: resultLines(result), result, holds: result.verdict === 'held' };
      },
    },
    args,
  );
}
