/** Digits of the longest codes that a slot is kept for: 100,000 of them, under a megabyte. */
const digitsMax = 5;

/**
 * What is known by code. Where every code is a number of the same few digits, as those of administrative units are, it is found by its number: the text of a row is
 * met once, and hashing it costs more than reading it.
 */
export class CodeTable<T> {
  readonly #byCode: Map<string, T>;
  readonly #byNumber: readonly (T | undefined)[] | null;
  readonly #digits: number;

  constructor(byCode: Map<string, T>) {
    this.#byCode = byCode;
    const [first = ''] = byCode.keys();
    this.#digits = first.length;
    const isNumber = (code: string): boolean => numberOf(code, first.length) >= 0;
    if (first.length === 0 || first.length > digitsMax || ![...byCode.keys()].every(isNumber)) {
      this.#byNumber = null;
      return;
    }
    const slots = new Array<T | undefined>(10 ** first.length).fill(undefined);
    for (const [code, value] of byCode) slots[numberOf(code, first.length)] = value;
    this.#byNumber = slots;
  }

  get size(): number {
    return this.#byCode.size;
  }

  get(code: string): T | undefined {
    if (this.#byNumber === null) return this.#byCode.get(code);
    const number = numberOf(code, this.#digits);
    return number < 0 ? undefined : this.#byNumber[number];
  }

  codes(): MapIterator<string> {
    return this.#byCode.keys();
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
