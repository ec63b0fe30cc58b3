import { steadyWorkload, type Scenario } from './scenario.js';

/** How often a process is ended, and how long it works in between. */
const kills = 3;
const workMs = 4_000;

/** A scenario that kills one process again and again while it works, and starts it again. */
export function repeatedKill(facts: Pick<Scenario, 'name' | 'describes'> & { readonly process: string }): Scenario {
  const { name, describes, process: victim } = facts;
  return {
    name,
    describes,
    expectedGaps: [],
    invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
    needsOwnBackbone: true,
    mayRepeat: true,
    workload: steadyWorkload,
    run: async ({ process, history, random, sleep }) => {
      const part = process(victim);
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(workMs + random.between(0, 1_000));
        await history.during({ kind: 'kill', target: part.name }, async () => {
          await part.kill();
          await sleep(random.between(0, 1_500));
          await part.start();
        });
      }
    },
  };
}
