import { steadyWorkload, type Scenario } from '../scenario.js';

const workMs = 3_000;
const awayMs = 2_000;

export const scenario: Scenario = {
  name: 'restart-postgres',
  describes: 'the sources, then the targets, are on servers that end at once and recover, and that are restarted in order',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: true,
  workload: steadyWorkload,
  run: async ({ process, history, sleep }) => {
    for (const server of [process('source PostgreSQL'), process('PostgreSQL')]) {
      await history.during({ kind: 'restart', target: server.name, detail: 'at once, with recovery' }, async () => {
        await server.stop('at-once');
        await sleep(awayMs);
        await server.start();
      });
      await sleep(workMs);
      await history.during({ kind: 'restart', target: server.name, detail: 'in order' }, async () => {
        await server.stop();
        await server.start();
      });
      await sleep(workMs);
    }
  },
};
