import { steadyWorkload, type Scenario } from '../scenario.js';

const standByMs = 3_000;
/** Longer than the lease of a process that is not heard of. */
const pauseMs = 30_000;
const togetherMs = 5_000;

export const scenario: Scenario = {
  name: 'stop-distributor-successor',
  describes:
    'the distributor is stopped in its tracks (SIGSTOP), a second one takes over and writes, and the first one wakes up and finds out',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run: async ({ process, own, history, sleep }) => {
    const first = process('distributor');
    if (own === null) return;
    await history.during({ kind: 'duplicate', target: first.name, detail: 'a second process with the same identity' }, async () => {
      const second = await own.startSecond('distributor');
      await sleep(standByMs);
      await history.during({ kind: 'pause', target: first.name, detail: `${pauseMs / 1_000} s` }, async () => {
        first.pause();
        await sleep(pauseMs).finally(() => first.resume());
      });
      await sleep(togetherMs);
      await second.stop();
    });
  },
};
