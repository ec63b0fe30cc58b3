import { randomBytes } from 'node:crypto';

/**
 * A name that no other test has: `t<minutes since the epoch, base 36><6 random>`, lower-case letters and digits only.
 * The time tells a long-lived test stack what a finished run left behind (tools/jest/test-stack.mjs sweeps by it).
 */
export function uniqueTestName(): string {
  const minutes = Math.floor(Date.now() / 60_000)
    .toString(36)
    .padStart(6, '0');
  return `t${minutes}${randomBytes(8).readBigUInt64BE().toString(36).slice(-6).padStart(6, '0')}`;
}
