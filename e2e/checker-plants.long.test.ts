import { uniqueTestName } from '@truc/testing';
import { startCheckedBackbone } from './checker/checked-backbone.js';
import { allPlants } from './checker/plant-catalogue.js';
import { allScenarios } from './checker/scenario-catalogue.js';
import { expectPromisesKept } from './kept-promises.js';

const minuteMs = 60_000;
const scenarioMs = 10 * minuteMs;
const millionMs = 20 * minuteMs;

const scenarios = await allScenarios();
const plants = await allPlants();

describe('the backbone, under a million rows in one transaction', () => {
  // On a backbone of its own: whatever is judged later on the same one reads all of them again.
  it(
    'keeps every promise',
    async () => {
      const scenario = scenarios.find(({ name }) => name === 'large-transaction')!;
      const checked = await startCheckedBackbone(`checker-${uniqueTestName()}`, null);
      try {
        const verdict = await checked.check(scenario, false, AbortSignal.timeout(millionMs));
        expectPromisesKept(verdict, scenario, false);
      } finally {
        await checked.stop();
      }
    },
    millionMs + 5 * minuteMs,
  );
});

describe('the checker', () => {
  it.each(plants.map((plant) => [plant.name, plant] as const))(
    'finds a planted bug by the invariant that names it: %s',
    async (_, plant) => {
      const scenario = scenarios.find(({ name }) => name === plant.scenario)!;
      const planted = await startCheckedBackbone(`planted-${uniqueTestName()}`, plant);
      try {
        const { invariants } = await planted.check(scenario, true, AbortSignal.timeout(scenarioMs));
        expect([plant.caughtBy, invariants[plant.caughtBy]]).toEqual([plant.caughtBy, 'violated']);
      } finally {
        await planted.stop();
      }
    },
    10 * minuteMs,
  );
});
