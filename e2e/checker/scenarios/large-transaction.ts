import { steadyWorkload, type Scenario } from '../scenario.js';

const rows = 1_000_000;
const quickRows = 30_000;

export const scenario: Scenario = {
  name: 'large-transaction',
  describes: 'one transaction inserts a million rows (30,000 in a quick run) while the others go on',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  onlyWhenQuick: ['I8'],
  needsOwnBackbone: false,
  mayRepeat: false,
  workload: steadyWorkload,
  run: async ({ writers, history, quick, untilDrained }) => {
    const count = quick ? quickRows : rows;
    const detail = `${count.toLocaleString('en')} rows in one transaction`;
    // It is over with its COMMIT: from then on the time counts until everything has arrived.
    await history.during({ kind: 'large-transaction', target: 'dancu.cong_dan', detail }, () => writers.insertInOneTransaction(count));
    await untilDrained();
  },
};
