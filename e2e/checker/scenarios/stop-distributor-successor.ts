import { openLogReader } from '@truc/kafka';
import { TrucError } from '@truc/kernel';
import { steadyWorkload, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

const standByMs = 3_000;
/** What the paused one had sent arrives in this time. */
const settleMs = 1_000;
/** More than the lease of a process that is not heard of lasts. */
const patienceMs = 90_000;
const lookMs = 500;
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
        await untilSuccessorWrites(stage).finally(() => first.resume());
      });
      await sleep(togetherMs);
      await second.stop();
    });
  },
};

/** @throws TrucError CHECKER_SUCCESSOR_SILENT */
async function untilSuccessorWrites({ backbone, sleep }: Stage): Promise<void> {
  const views = (await backbone.policy()).filter((entry) => entry.kind === 'view');
  const reader = openLogReader({ connection: backbone.kafka });
  const records = async (): Promise<bigint> => {
    let sum = 0n;
    for (const { topic, partitions } of views)
      for (let partition = 0; partition < partitions; partition += 1) sum += (await reader.bounds(topic, partition)).end;
    return sum;
  };
  try {
    await sleep(settleMs);
    const left = await records();
    const deadline = performance.now() + patienceMs;
    while ((await records()) === left) {
      if (performance.now() > deadline)
        throw new TrucError('CHECKER_SUCCESSOR_SILENT', `the second distributor has written nothing after ${patienceMs / 1_000} s`);
      await sleep(lookMs);
    }
  } finally {
    await reader.close();
  }
}
