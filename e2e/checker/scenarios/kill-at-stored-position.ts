import { steadyWorkload, type Scenario } from '../scenario.js';
import { killAtStoredPosition } from '../stored-position-kill.js';

export const scenario: Scenario = {
  name: 'kill-at-stored-position',
  describes: 'the line to Kafka is narrow, and the agent is killed at the moment when it has stored that a large transaction is captured',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run: killAtStoredPosition,
};
