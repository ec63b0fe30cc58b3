import { uniqueTestName } from '@truc/testing';
import { startCheckedBackbone, type CheckedBackbone } from './checker/checked-backbone.js';
import { plants } from './checker/plant-catalogue.js';
import { allScenarios } from './checker/scenario-catalogue.js';

const minuteMs = 60_000;

describe('the backbone, under every fault', () => {
  let checked: CheckedBackbone;

  beforeAll(async () => {
    checked = await startCheckedBackbone(`checker-${uniqueTestName()}`, null, AbortSignal.timeout(180 * minuteMs));
  }, 5 * minuteMs);
  afterAll(() => checked?.stop(), 2 * minuteMs);

  it(
    'keeps every promise, one scenario after the other',
    async () => {
      for (const scenario of await allScenarios()) {
        // The quick forms: a million rows in one transaction take longer than all else together. `npm run check:faults -- --scenario large-transaction` has them.
        const { violations, invariants } = await checked.check(scenario, true);
        const wrong = violations.map(({ invariant, message }) => `${invariant}: ${message}`);
        expect([scenario.name, wrong]).toEqual([scenario.name, []]);
        for (const invariant of scenario.invariants)
          expect([scenario.name, invariant, invariants[invariant]]).toEqual([scenario.name, invariant, 'held']);
      }
    },
    40 * minuteMs,
  );
});

describe('the checker', () => {
  it.each(plants.map((plant) => [plant.name, plant] as const))(
    'finds a planted bug by the invariant that names it: %s',
    async (_, plant) => {
      const scenario = (await allScenarios()).find(({ name }) => name === plant.scenario)!;
      const planted = await startCheckedBackbone(`planted-${uniqueTestName()}`, plant, AbortSignal.timeout(10 * minuteMs));
      try {
        const { invariants } = await planted.check(scenario, true);
        expect([plant.caughtBy, invariants[plant.caughtBy]]).toEqual([plant.caughtBy, 'violated']);
      } finally {
        await planted.stop();
      }
    },
    10 * minuteMs,
  );
});
