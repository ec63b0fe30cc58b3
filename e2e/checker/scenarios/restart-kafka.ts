import { steadyWorkload, type Scenario } from '../scenario.js';

const workMs = 3_000;
const awayMs = 2_000;

export const scenario: Scenario = {
  name: 'restart-kafka',
  describes: 'the broker is killed and started again, and then restarted in order',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: true,
  workload: steadyWorkload,
  run: async ({ process, history, sleep }) => {
    const broker = process('Kafka');
    await history.during({ kind: 'kill', target: broker.name }, async () => {
      await broker.kill();
      await sleep(awayMs);
      await broker.start();
    });
    await sleep(workMs);
    await history.during({ kind: 'restart', target: broker.name }, async () => {
      await broker.stop();
      await broker.start();
    });
    await sleep(workMs);
  },
};
