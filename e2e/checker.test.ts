import { uniqueTestName } from '@truc/testing';
import { startCheckedBackbone, type CheckedBackbone } from './checker/checked-backbone.js';
import { allPlants } from './checker/plant-catalogue.js';
import { allScenarios } from './checker/scenario-catalogue.js';
import { violationLines } from './checker/verdict-lines.js';

/** What fits into a run of all tests; `npm run test:long` takes every scenario and every planted bug. */
const selection = ['kill-distributor'];
const scenarioMs = 240_000;
const selectedPlants = ['reorder-two-updates'];

async function scenarioOf(name: string) {
  const found = (await allScenarios()).find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

describe('the backbone, while it is troubled', () => {
  let checked: CheckedBackbone;

  beforeAll(async () => {
    checked = await startCheckedBackbone(`checker-${uniqueTestName()}`, null);
  }, 240_000);
  afterAll(() => checked?.stop(), 60_000);

  it.each(selection)(
    'keeps every promise: %s',
    async (name) => {
      const scenario = await scenarioOf(name);
      const verdict = await checked.check(scenario, true, AbortSignal.timeout(scenarioMs));
      expect(violationLines(verdict)).toEqual([]);
      expect(verdict.operations).toBeGreaterThan(0);
      for (const invariant of scenario.invariants) expect([invariant, verdict.invariants[invariant]]).toEqual([invariant, 'held']);
    },
    scenarioMs + 60_000,
  );
});

describe('the checker', () => {
  it.each(selectedPlants)(
    'finds a planted bug by the invariant that names it: %s',
    async (name) => {
      const plant = (await allPlants()).find((one) => one.name === name)!;
      const planted = await startCheckedBackbone(`planted-${uniqueTestName()}`, plant);
      try {
        const verdict = await planted.check(await scenarioOf(plant.scenario), true, AbortSignal.timeout(scenarioMs));
        expect([plant.caughtBy, verdict.invariants[plant.caughtBy]]).toEqual([plant.caughtBy, 'violated']);
      } finally {
        await planted.stop();
      }
    },
    400_000,
  );
});
