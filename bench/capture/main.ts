import { benchExitCodes, printed, runBench } from '../harness/bench-program.js';
import { benchCapture } from './capture-bench.js';
import { reportLines } from './capture-report.js';
import { HelpAsked, parseCaptureRequest, usage, UsageError, type CaptureRequest } from './capture-request.js';
import { profileLines } from './profile-report.js';

/** The whole of `npm run bench:capture`. @param args without the program's name @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let request: CaptureRequest;
  try {
    request = parseCaptureRequest(args);
  } catch (error) {
    if (error instanceof HelpAsked) {
      await printed(usage);
      return benchExitCodes.measured;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}: npm run bench:capture -- --help lists every option\n`);
    return benchExitCodes.usage;
  }
  return runBench(request.json, async ({ progress, signal }) => {
    const { report, profiles } = await benchCapture(request, progress, signal);
    const result = request.profile ? { ...report, profiles: Object.fromEntries(profiles) } : report;
    return { text: reportLines(report) + profileLines(profiles), result, holds: report.verdict !== 'above' };
  });
}
