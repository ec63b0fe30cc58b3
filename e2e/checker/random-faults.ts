import { steadyWorkload, type Scenario } from './scenario.js';
import type { Stage } from './stage.js';

const minuteMs = 60_000;
const calmMs = { minimum: 1_000, maximum: 8_000 };

/** Faults drawn at random, one scenario after the other, for a time. The seed decides which, and what the writers do; when exactly something happens is up to the machine. */
export function randomFaults(minutes: number, scenarios: readonly Scenario[]): Scenario {
  const choice = scenarios.filter(({ mayRepeat }) => mayRepeat);
  return {
    name: 'random-faults',
    askedBy: `--minutes ${minutes}`,
    describes: `faults at random for ${minutes} minutes: ${choice.map(({ name }) => name).join(', ')}`,
    expectedGaps: [],
    invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
    needsOwnBackbone: choice.some(({ needsOwnBackbone }) => needsOwnBackbone),
    mayRepeat: false,
    workload: steadyWorkload,
    run: (stage) => drawFaults(stage, minutes * minuteMs, choice),
  };
}

async function drawFaults(stage: Stage, lengthMs: number, choice: readonly Scenario[]): Promise<void> {
  const { random, history } = stage;
  const end = history.now() + lengthMs;
  let left = [...choice];
  do {
    // Each once before any comes again.
    const scenario = random.pick(left);
    left = left.length === 1 ? [...choice] : left.filter((one) => one !== scenario);
    history.add({ kind: 'phase', name: scenario.name });
    await scenario.run(stage);
    await stage.sleep(random.between(calmMs.minimum, calmMs.maximum));
  } while (history.now() < end);
}
