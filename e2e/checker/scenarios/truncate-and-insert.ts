import { steadyWorkload, type Scenario } from '../scenario.js';

const workMs = 3_000;
const rows = 1_500;

export const scenario: Scenario = {
  name: 'truncate-and-insert',
  describes: 'the captured table is truncated and filled again right behind it, in transactions of their own and in one',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run: async ({ writers, history, sleep }) => {
    for (const inOneTransaction of [false, true]) {
      const detail = inOneTransaction ? 'with the inserts in one transaction' : 'with inserts right behind it';
      await history.during({ kind: 'truncate', target: 'dancu.cong_dan', detail }, () => writers.truncateAndInsert(rows, inOneTransaction));
      await sleep(workMs);
    }
  },
};
