import { randomBytes } from 'node:crypto';

const MINUTE_MS = 60_000;

/** What begins a name of a test: `t`, six characters of time, six of chance; a topic or a slot may go on after it. */
const pattern = /^t([0-9a-z]{6})[0-9a-z]{6}(?![0-9a-z])/;

/**
 * A name that no other test has: `t<minutes since the epoch, base 36><6 random>`, lower-case letters and digits only.
 * The time tells a kept test stack what a finished run left behind.
 */
export function uniqueTestName(now = Date.now()): string {
  const minutes = Math.floor(now / MINUTE_MS)
    .toString(36)
    .padStart(6, '0');
  return `t${minutes}${randomBytes(8).readBigUInt64BE().toString(36).slice(-6).padStart(6, '0')}`;
}

/** Whether `name` begins with a name of {@link uniqueTestName} that is older than `ageMs`. */
export function isLeftBehind(name: string, ageMs: number, now = Date.now()): boolean {
  const minutes = pattern.exec(name)?.[1];
  return minutes !== undefined && now - Number.parseInt(minutes, 36) * MINUTE_MS > ageMs;
}
