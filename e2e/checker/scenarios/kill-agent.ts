import { steadyWorkload, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

/** How often the agent is ended, and how long it captures in between. */
const kills = 3;
const captureMs = 4_000;

async function run({ process, history, random, sleep }: Stage): Promise<void> {
  const agent = process('agent-g01');
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(captureMs + random.between(0, 1_000));
    await history.during({ kind: 'kill', target: agent.name }, async () => {
      await agent.kill();
      await sleep(random.between(0, 1_500));
      await agent.start();
    });
  }
}

export const scenario: Scenario = {
  name: 'kill-agent',
  describes: 'the agent that captures the population database is killed while it is captured, several times, and started again',
  expectsGap: false,
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: true,
  workload: steadyWorkload,
  run,
};
