import { untilFurther, type ProgressMark } from './progress-mark.js';
import { steadyWorkload, type Scenario } from './scenario.js';

/** How often a process is ended, and how long it works in between. */
const kills = 3;
const workMs = 4_000;

/** A scenario that kills one process again and again while it works, and starts it again. @param facts `progress` of that process, which it must have made before each kill */
export function repeatedKill(
  facts: Pick<Scenario, 'name' | 'describes'> & { readonly process: string; readonly progress: ProgressMark },
): Scenario {
  const { name, describes, process: victim, progress } = facts;
  return {
    name,
    describes,
    expectedGaps: [],
    invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
    needsOwnBackbone: true,
    mayRepeat: true,
    workload: steadyWorkload,
    run: async (stage) => {
      const { process, history, random, sleep } = stage;
      const part = process(victim);
      for (let kill = 0; kill < kills; kill += 1) {
        const before = await progress(stage);
        await sleep(workMs + random.between(0, 1_000));
        await untilFurther(stage, part.name, progress, before);
        await history.during({ kind: 'kill', target: part.name }, async () => {
          await part.kill();
          await sleep(random.between(0, 1_500));
          await part.start();
        });
      }
    },
  };
}
