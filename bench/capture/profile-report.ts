import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileShares, type CpuProfile, type ProfileShares } from '../harness/cpu-profile.js';
import { percent, resultTable } from '../harness/result-table.js';

/** Functions that are told of each process. */
const functionsShown = 15;

/** Of every process that wrote a profile, by the name of its folder. */
export function readProfiles(directory: string): ReadonlyMap<string, ProfileShares> {
  const found = new Map<string, ProfileShares>();
  for (const name of existsSync(directory) ? readdirSync(directory).toSorted() : []) {
    const [file] = readdirSync(join(directory, name)).filter((one) => one.endsWith('.cpuprofile'));
    if (file === undefined) continue;
    found.set(name, profileShares(JSON.parse(readFileSync(join(directory, name, file), 'utf8')) as CpuProfile));
  }
  return found;
}

/** For a person: the whole life of each process, its start and the warm-up included. */
export function profileLines(profiles: ReadonlyMap<string, ProfileShares>): string {
  return [...profiles]
    .map(([name, { busySeconds, functions, rooms }]) => {
      const table = (title: string, shares: ProfileShares['rooms']): string =>
        resultTable([[title, 'share'], ...shares.map((one) => [one.name, percent(one.share)])]);
      const told = rooms.filter(({ share }) => share >= 0.005);
      return `\n${name}, main thread, ${busySeconds.toFixed(1)} s busy\n\n${table('room', told)}\n${table('function, by itself', functions.slice(0, functionsShown))}`;
    })
    .join('');
}
