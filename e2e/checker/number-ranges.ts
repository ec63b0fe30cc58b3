/** A set of whole numbers that mostly follow one another: ascending ranges of the first and the one past the last. */
export class NumberRanges {
  readonly #firsts: number[] = [];
  readonly #ends: number[] = [];

  /** @param number above every one added before */
  add(number: number): void {
    if (this.#ends.at(-1) === number) this.#ends[this.#ends.length - 1] = number + 1;
    else {
      this.#firsts.push(number);
      this.#ends.push(number + 1);
    }
  }

  has(number: number): boolean {
    let [low, high] = [0, this.#firsts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#firsts[middle] ?? 0) <= number) low = middle + 1;
      else high = middle;
    }
    return low > 0 && number < (this.#ends[low - 1] ?? 0);
  }
}
