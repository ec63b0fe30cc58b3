import { unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** The longest stop of a process since it was last asked. */
export interface LoopStop {
  /** Between two turns of the event loop, by the clock: whatever else the machine did is part of it. */
  readonly wallMs: number;
  /** The most that the main thread computed between two turns. */
  readonly computeMs: number;
}

const everyMs = 5;

/**
 * Answers, at a Unix socket, how long the event loop of this process stood still since it was last asked. Runs inside the process that is measured.
 * The clock alone would call a process slow that the machine did not let run; what the main thread computed meanwhile is its own.
 */
export function startLoopProbe(socketPath: string): void {
  const histogram = monitorEventLoopDelay({ resolution: everyMs });
  histogram.enable();
  let computeMsMax = 0;
  let before = process.threadCpuUsage();
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    computeMsMax = Math.max(computeMsMax, (user + system) / 1000);
  };
  setInterval(look, everyMs).unref();
  const server = createServer((socket) => {
    look();
    // The histogram counts the pause that it waits for.
    const stop: LoopStop = { wallMs: Math.max(0, histogram.max / 1e6 - everyMs), computeMs: computeMsMax };
    socket.end(JSON.stringify(stop));
    histogram.reset();
    computeMsMax = 0;
  });
  server.listen(socketPath).unref();
  process.once('exit', () => unlinkSync(socketPath));
}
