import { checkedSlot, isConfirmedPast, untilSlot } from '../checked-slot.js';
import { steadyWorkload, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

const standByMs = 3_000;
const togetherMs = 5_000;

async function run(stage: Stage): Promise<void> {
  const { process, own, history, backbone, sleep } = stage;
  const { population } = backbone.databases;
  const first = process(checkedSlot.agent);
  const duplicate = { kind: 'duplicate', target: first.name, detail: 'a second process with the same identity' } as const;
  await history.during(duplicate, async () => {
    const second = await own().startSecond(checkedSlot.agent);
    await sleep(standByMs);
    let formerPid: number | null = null;
    await untilSlot(stage, 'is not read', (slot) => (formerPid = slot?.activePid ?? null) !== null);
    await history.during({ kind: 'pause', target: first.name, detail: 'until its successor has written' }, async () => {
      first.pause();
      try {
        let stoppedAt: string | null = null;
        await untilSlot(stage, 'is not read by the successor', async (slot) => {
          stoppedAt ??= slot?.current ?? null;
          const isTaken = slot?.activePid !== null && slot?.activePid !== formerPid;
          return isTaken && stoppedAt !== null && (await isConfirmedPast(population, stoppedAt));
        });
      } finally {
        first.resume();
      }
    });
    await sleep(togetherMs);
    await second.stop();
  });
  let left: string | null = null;
  await untilSlot(stage, 'is not read again', async (slot) => {
    left ??= slot?.current ?? null;
    return left !== null && (await isConfirmedPast(population, left));
  });
}

export const scenario: Scenario = {
  name: 'stop-agent-successor',
  describes: 'an agent is stopped in its tracks (SIGSTOP), a second one takes over and writes, and the first one wakes up and finds out',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run,
};
