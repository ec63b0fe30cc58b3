import { lineTroubles, troubleLine } from '../line-trouble.js';
import { steadyWorkload, type Scenario } from '../scenario.js';

const workMs = 3_000;

export const scenario: Scenario = {
  name: 'cut-network',
  describes: 'the lines to Kafka and to the sources are cut, go silent, become slow and become narrow, one after the other',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run: async (stage) => {
    const { kafka, sources } = stage.proxies();
    for (const line of [kafka, sources]) {
      for (const trouble of lineTroubles) {
        await troubleLine(stage, line, trouble);
        await stage.sleep(workMs);
      }
    }
  },
};
