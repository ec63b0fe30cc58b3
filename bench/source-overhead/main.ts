import { benchMain } from '../harness/bench-program.js';
import { benchOverhead } from './overhead-bench.js';
import { parseOverheadRequest, usage } from './overhead-request.js';
import { resultLines } from './overhead-result.js';

/** The whole of `npm run bench:source-overhead`. @param args without the program's name @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  return benchMain(
    {
      name: 'bench:source-overhead',
      usage,
      parse: parseOverheadRequest,
      work: async (request, { progress, signal }) => {
        const result = await benchOverhead(request, progress, signal);
        return { text: resultLines(result), result, holds: true };
      },
    },
    args,
  );
}
