import { fannedOut, untilFurther } from '../progress-mark.js';
import { steadyWorkload, type Scenario } from '../scenario.js';

const standByMs = 3_000;
/** What the paused one had sent arrives in this time. */
const settleMs = 1_000;
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
  run: async (stage) => {
    const { process, own, history, sleep } = stage;
    const first = process('distributor');
    await history.during({ kind: 'duplicate', target: first.name, detail: 'a second process with the same identity' }, async () => {
      const second = await own().startSecond('distributor');
      await sleep(standByMs);
      await history.during({ kind: 'pause', target: first.name, detail: 'until its successor has written' }, async () => {
        first.pause();
        try {
          await sleep(settleMs);
          await untilFurther(stage, second.name, fannedOut, await fannedOut(stage));
        } finally {
          first.resume();
        }
      });
      await sleep(togetherMs);
      await second.stop();
    });
  },
};
