import { formerProvinces } from './provinces.js';
import type { Sex } from './person-names.js';
import type { Random } from './random.js';

const sequenceCount = 1_000_000;
/** Prime to the count, so that consecutive numbers look scattered and none comes twice. */
const stride = 611_953;

/** The first six digits: `0` and the province of birth registration, century and sex, year. */
export function personalIdPrefix(province: string, sex: Sex, year: number): string {
  const century = (Math.floor(year / 100) - 19) * 2 + (sex === 'female' ? 1 : 0);
  return `0${province}${century}${String(year % 100).padStart(2, '0')}`;
}

/** Issues personal identification numbers, each once (Decree 137/2015/ND-CP, Article 13). */
export class PersonalIdIssuer {
  readonly #issued = new Map<string, number>();

  issue(province: string, sex: Sex, year: number): string {
    const prefix = personalIdPrefix(province, sex, year);
    const count = this.#issued.get(prefix) ?? 0;
    if (count >= sequenceCount) throw new RangeError(`every number of ${prefix} is issued`);
    this.#issued.set(prefix, count + 1);
    return prefix + sequence(count, Number(prefix));
  }
}

function sequence(count: number, offset: number): string {
  return String((count * stride + offset) % sequenceCount).padStart(6, '0');
}

/** A number that may be taken already: whoever asks looks it up. */
export function drawPersonalId(random: Random, province: string, sex: Sex, year: number): string {
  return personalIdPrefix(province, sex, year) + String(random.between(0, sequenceCount - 1)).padStart(6, '0');
}

export const birthProvinces: readonly string[] = formerProvinces.map(({ code }) => code);
