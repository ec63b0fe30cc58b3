import { benchMain } from '../harness/bench-program.js';
import { benchRegistry } from './registry-bench.js';
import { registryReportLines } from './registry-report.js';
import { parseRegistryRequest, registryUsage } from './registry-request.js';

/** The whole of `npm run bench:registry`. @param args without the program's name @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  return benchMain(
    {
      name: 'bench:registry',
      usage: registryUsage,
      parse: parseRegistryRequest,
      work: async (request, { progress, signal }) => {
        const report = await benchRegistry(request, progress, signal);
        return { text: registryReportLines(report), result: report, holds: report.missed.length === 0 };
      },
    },
    args,
  );
}
