import type { Fault } from '../fault.js';
import { steadyWorkload, type Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';
import type { LineConditions } from '../tcp-proxy.js';

const workMs = 3_000;

/** What is done to a line, and for how long in milliseconds. */
const troubles: readonly { readonly kind: Fault['kind']; readonly change: Partial<LineConditions>; readonly lastsMs: number }[] = [
  { kind: 'cut', change: { state: 'cut' }, lastsMs: 5_000 },
  { kind: 'black-hole', change: { state: 'black-hole' }, lastsMs: 15_000 },
  { kind: 'delay', change: { delayMs: 150 }, lastsMs: 5_000 },
  { kind: 'narrow', change: { bytesPerSecond: 100_000 }, lastsMs: 5_000 },
];

async function run({ proxies, history, sleep, quick }: Stage): Promise<void> {
  const { kafka, sources } = proxies();
  for (const line of [kafka, sources]) {
    for (const { kind, change, lastsMs } of troubles) {
      const ms = quick ? lastsMs / 2 : lastsMs;
      await history.during({ kind, target: line.name, detail: `${ms / 1_000} s` }, async () => {
        line.set(change);
        await sleep(ms).finally(() => line.mend());
      });
      await sleep(workMs);
    }
  }
}

export const scenario: Scenario = {
  name: 'cut-network',
  describes: 'the lines to Kafka and to the sources are cut, go silent, become slow and become narrow, one after the other',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run,
};
