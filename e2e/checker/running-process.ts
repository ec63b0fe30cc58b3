import { TrucError } from '@truc/kernel';
import type { BackboneProcess } from '@truc/local-stack';

/** The same process; what is done to one that is not there is an error instead of a fault that never was. @throws TrucError CHECKER_PROCESS_GONE from kill, pause and stop */
export function runningProcess(process: BackboneProcess): BackboneProcess {
  const { name } = process;
  const mustRun = (): void => {
    if (process.pid === null) throw new TrucError('CHECKER_PROCESS_GONE', `${name} does not run, so that nothing can be done to it`);
  };
  return {
    name,
    get pid() {
      return process.pid;
    },
    kill: async () => {
      mustRun();
      await process.kill();
    },
    pause: () => {
      mustRun();
      process.pause();
    },
    resume: () => process.resume(),
    stop: async (manner) => {
      mustRun();
      await process.stop(manner);
    },
    start: () => process.start(),
    expectEnd: () => process.expectEnd(),
  };
}
