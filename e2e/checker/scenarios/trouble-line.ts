import { lineTroubles, troubleLine } from '../line-trouble.js';
import { steadyWorkload, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  name: 'trouble-line',
  describes: 'one line, to Kafka or to the sources, is cut, silent, slow or narrow for a while, as the seed draws it',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: true,
  workload: steadyWorkload,
  run: async (stage) => {
    const { kafka, sources } = stage.proxies();
    await troubleLine(stage, stage.random.pick([kafka, sources]), stage.random.pick(lineTroubles));
  },
};
