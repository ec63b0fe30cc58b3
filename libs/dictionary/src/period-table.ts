/** A time that a code is in force; days are numbers that compare as the days do: 20260301. */
export interface Period {
  readonly from: number;
  readonly to: number;
  /** The unit that the code is a part of in this time; null where nothing is said. */
  readonly parent: string | null;
}

/** Digits of the longest codes that a place is kept for, periods of one code, and places for each code that there is: the 3,300 communes take 100,000 places, 2.4 MB. */
const digitsMax = 5;
const periodsMax = 4;
const placesPerCodeMax = 128;
/** Numbers that a period takes: first day, last day, place of its parent. */
const stride = 3;

/**
 * The periods of each code. Where every code is a number of the same few digits, as those of administrative units are, its periods stand at that number, side by side: the
 * text of a row is met once, and hashing it and following objects costs more than reading it.
 */
export class PeriodTable {
  readonly #byCode: ReadonlyMap<string, readonly Period[]>;
  readonly #digits: number;
  /** Numbers that one code takes. */
  readonly #width: number;
  readonly #spans: Int32Array | null;
  readonly #parents: readonly (string | null)[];

  constructor(byCode: ReadonlyMap<string, readonly Period[]>) {
    this.#byCode = byCode;
    const [first = ''] = byCode.keys();
    this.#digits = first.length;
    let most = 0;
    for (const periods of byCode.values()) most = Math.max(most, periods.length);
    this.#width = most * stride;
    const parents = new Set([...byCode.values()].flatMap((periods) => periods.map(({ parent }) => parent)));
    this.#parents = [...parents];
    const placeOf = new Map(this.#parents.map((parent, place) => [parent, place]));
    const isSmall =
      first.length > 0 && first.length <= digitsMax && most <= periodsMax && 10 ** first.length <= placesPerCodeMax * byCode.size;
    this.#spans = isSmall && [...byCode.keys()].every((code) => numberOf(code, first.length) >= 0) ? this.#emptySpans() : null;
    if (this.#spans === null) return;
    for (const [code, periods] of byCode) {
      const at = numberOf(code, this.#digits) * this.#width;
      for (const [index, { from, to, parent }] of periods.entries()) this.#spans.set([from, to, placeOf.get(parent)!], at + index * stride);
    }
  }

  get size(): number {
    return this.#byCode.size;
  }

  codes(): Iterable<string> {
    return this.#byCode.keys();
  }

  /** True when the code is in force at any time. */
  has(code: string): boolean {
    return this.#byCode.has(code);
  }

  /** True where everything that is said of the code is of later days. */
  beginsAfter(code: string, day: number): boolean {
    return this.#byCode.get(code)?.every(({ from }) => from > day) ?? false;
  }

  isInForce(code: string, day: number): boolean {
    if (this.#spans !== null) return this.#spanOn(this.#spans, code, day) >= 0;
    return this.#periodOn(code, day) !== null;
  }

  /** The unit that the code is a part of on the day; null where the code is not in force or nothing is said. */
  parentOn(code: string, day: number): string | null {
    if (this.#spans === null) return this.#periodOn(code, day)?.parent ?? null;
    const at = this.#spanOn(this.#spans, code, day);
    return at < 0 ? null : (this.#parents[this.#spans[at + 2]!] ?? null);
  }

  #periodOn(code: string, day: number): Period | null {
    const periods = this.#byCode.get(code);
    if (periods === undefined) return null;
    for (let index = 0; index < periods.length; index++) {
      const period = periods[index]!;
      if (period.from <= day && day <= period.to) return period;
    }
    return null;
  }

  #spanOn(spans: Int32Array, code: string, day: number): number {
    const number = numberOf(code, this.#digits);
    if (number < 0) return -1;
    const end = (number + 1) * this.#width;
    for (let at = end - this.#width; at < end; at += stride) {
      if (spans[at]! <= day && day <= spans[at + 1]!) return at;
    }
    return -1;
  }

  /** In which no day lies in any period. */
  #emptySpans(): Int32Array {
    return new Int32Array(10 ** this.#digits * this.#width).fill(-1);
  }
}

/** The number that so many digits are, and -1 for any other text. */
function numberOf(code: string, digits: number): number {
  if (code.length !== digits) return -1;
  let number = 0;
  for (let at = 0; at < digits; at++) {
    const digit = code.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
