import { uniqueTestName } from '@truc/testing';
import { startCheckedBackbone, type CheckedBackbone } from './checker/checked-backbone.js';
import { allPlants } from './checker/plant-catalogue.js';
import { randomFaults } from './checker/random-faults.js';
import { requiredInvariants } from './checker/scenario.js';
import { allScenarios } from './checker/scenario-catalogue.js';
import { violationLines } from './checker/verdict-lines.js';

const minuteMs = 60_000;
/** Of one scenario; most take about one. */
const scenarioMs = 10 * minuteMs;
const millionMs = 20 * minuteMs;

/** Of the others the quick form, where they have one. */
const fullForms = new Set(['slow-consumer', 'replay-topic']);

const all = await allScenarios();
// Those of checker.test.ts are not run twice.
const scenarios = all.filter(({ name }) => name !== 'kill-distributor');
const plants = (await allPlants()).filter(({ name }) => name !== 'reorder-two-updates');
const named = <T extends { readonly name: string }>(items: readonly T[]): [string, T][] => items.map((item) => [item.name, item]);

describe('the backbone, under every fault', () => {
  /** Kept from one scenario to the next for as long as it keeps its promises: what one broke is no finding of the next. */
  let checked: CheckedBackbone | null = null;
  let isSound = true;

  beforeEach(async () => {
    if (checked !== null && isSound) return;
    await checked?.stop();
    checked = null;
    checked = await startCheckedBackbone(`checker-${uniqueTestName()}`, null);
    isSound = true;
  }, 4 * minuteMs);
  afterAll(() => checked?.stop(), 2 * minuteMs);

  it.each(named([...scenarios, randomFaults(1, all)]))(
    'keeps every promise: %s',
    async (_, scenario) => {
      isSound = false;
      const quick = !fullForms.has(scenario.name);
      const verdict = await checked!.check(scenario, quick, AbortSignal.timeout(scenarioMs));
      expect(violationLines(verdict)).toEqual([]);
      for (const invariant of requiredInvariants(scenario, quick))
        expect([invariant, verdict.invariants[invariant]]).toEqual([invariant, 'held']);
      isSound = true;
    },
    scenarioMs + minuteMs,
  );
});

describe('the backbone, under a million rows in one transaction', () => {
  // On a backbone of its own: whatever is judged later on the same one reads all of them again.
  it(
    'keeps every promise',
    async () => {
      const scenario = all.find(({ name }) => name === 'large-transaction')!;
      const checked = await startCheckedBackbone(`checker-${uniqueTestName()}`, null);
      try {
        const verdict = await checked.check(scenario, false, AbortSignal.timeout(millionMs));
        expect(violationLines(verdict)).toEqual([]);
        for (const invariant of requiredInvariants(scenario, false))
          expect([invariant, verdict.invariants[invariant]]).toEqual([invariant, 'held']);
      } finally {
        await checked.stop();
      }
    },
    millionMs + 5 * minuteMs,
  );
});

describe('the checker', () => {
  it.each(named(plants))(
    'finds a planted bug by the invariant that names it: %s',
    async (_, plant) => {
      const scenario = all.find(({ name }) => name === plant.scenario)!;
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
