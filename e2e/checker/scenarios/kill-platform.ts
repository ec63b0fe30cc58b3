import { steadyWorkload, type Scenario } from '../scenario.js';

const awayMs = 5_000;

export const scenario: Scenario = {
  name: 'kill-platform',
  describes: 'platform and registry are killed and stay away while an agent starts anew: data goes on without them, or waits for them',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: true,
  workload: steadyWorkload,
  run: async ({ process, history, sleep }) => {
    const [platform, registry, agent] = [process('platform'), process('schema-registry'), process('agent-g01')];
    await history.during({ kind: 'kill', target: platform.name }, async () => {
      await platform.kill();
      await history.during({ kind: 'kill', target: registry.name }, async () => {
        await registry.kill();
        await sleep(awayMs);
        await agent.kill();
        const back = agent.start();
        await sleep(awayMs);
        await Promise.all([registry.start(), platform.start()]);
        await back;
      });
    });
  },
};
