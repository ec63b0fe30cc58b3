import type { Scenario } from '../scenario.js';

const workMs = 2_000;
const pauseMs = 30_000;
const quickPauseMs = 12_000;

export const scenario: Scenario = {
  name: 'slow-consumer',
  describes: 'those who apply stand still (SIGSTOP) while the sources go on writing, and have to catch up',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: true,
  workload: { writers: 6, transactionsPerSecond: 200 },
  run: async ({ process, history, sleep, quick }) => {
    const ms = quick ? quickPauseMs : pauseMs;
    for (const part of [process('general-database'), process('agent-g12')]) {
      await history.during({ kind: 'pause', target: part.name, detail: `${ms / 1_000} s` }, async () => {
        part.pause();
        await sleep(ms).finally(() => part.resume());
      });
      await sleep(workMs);
    }
  },
};
