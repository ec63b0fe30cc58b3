import { uniqueTestName } from '@truc/testing';
import { startCheckedBackbone, type CheckedBackbone } from './checker/checked-backbone.js';
import { randomFaults } from './checker/random-faults.js';
import { allScenarios } from './checker/scenario-catalogue.js';
import { expectPromisesKept } from './kept-promises.js';

const minuteMs = 60_000;
/** Of one scenario; most take about one. */
const scenarioMs = 10 * minuteMs;

/** Of the others the quick form, where they have one. */
const fullForms = new Set(['slow-consumer', 'replay-topic']);

const scenarios = await allScenarios();

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

  it.each([...scenarios, randomFaults(1, scenarios)].map((scenario) => [scenario.name, scenario] as const))(
    'keeps every promise: %s',
    async (_, scenario) => {
      isSound = false;
      const quick = !fullForms.has(scenario.name);
      const verdict = await checked!.check(scenario, quick, AbortSignal.timeout(scenarioMs));
      expectPromisesKept(verdict, scenario, quick);
      isSound = true;
    },
    scenarioMs + minuteMs,
  );
});
