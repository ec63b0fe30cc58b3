import { benchMain } from '../harness/bench-program.js';
import { benchCapture } from './capture-bench.js';
import { reportLines } from './capture-report.js';
import { parseCaptureRequest, usage } from './capture-request.js';
import { profileLines } from './profile-report.js';

/** The whole of `npm run bench:capture`. @param args without the program's name @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  return benchMain(
    {
      name: 'bench:capture',
      usage,
      parse: parseCaptureRequest,
      work: async (request, { progress, signal }) => {
        const { report, profiles } = await benchCapture(request, progress, signal);
        const result = request.profile ? { ...report, profiles: Object.fromEntries(profiles) } : report;
        return { text: reportLines(report) + profileLines(profiles), result, holds: report.verdict !== 'above' };
      },
    },
    args,
  );
}
