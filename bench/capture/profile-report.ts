import { percent, resultTable } from '../harness/result-table.js';
import type { ProfileShares } from '../harness/cpu-profile.js';

/** Functions that are told of each process. */
const functionsShown = 15;
const shareShownMin = 0.005;

/** For a person: where the time of the measured drains went, by the name of the process. */
export function profileLines(profiles: ReadonlyMap<string, ProfileShares>): string {
  return [...profiles]
    .map(([name, { busySeconds, functions, rooms }]) => {
      const table = (title: string, shares: ProfileShares['rooms']): string =>
        resultTable([[title, 'share'], ...shares.map((one) => [one.name, percent(one.share)])]);
      const told = rooms.filter(({ share }) => share >= shareShownMin);
      const heading = `${name}: main thread in the measured drains, busy ${busySeconds.toFixed(1)} s, slower for being watched`;
      return `\n${heading}\n\n${table('room', told)}\n${table('function, by itself', functions.slice(0, functionsShown))}`;
    })
    .join('');
}
