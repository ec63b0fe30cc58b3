/** A set of the positions of a pattern, 32 to a word. */
export class PositionSet {
  private readonly words: Uint32Array;

  /** @param size positions that there are */
  constructor(private readonly size: number) {
    this.words = new Uint32Array(Math.ceil(size / 32));
  }

  add(position: number): void {
    this.words[position >>> 5]! |= 1 << (position & 31);
  }

  addAll(other: PositionSet): void {
    for (let at = 0; at < this.words.length; at++) this.words[at]! |= other.words[at]!;
  }

  /** What is in both. */
  and(other: PositionSet): PositionSet {
    const both = new PositionSet(this.size);
    for (let at = 0; at < this.words.length; at++) both.words[at] = this.words[at]! & other.words[at]!;
    return both;
  }

  meets(other: PositionSet): boolean {
    return this.words.some((word, at) => (word & other.words[at]!) !== 0);
  }

  get isEmpty(): boolean {
    return this.words.every((word) => word === 0);
  }

  /** One text for equal sets. */
  get key(): string {
    return this.words.join();
  }

  forEach(visit: (position: number) => void): void {
    for (let at = 0; at < this.words.length; at++) {
      for (let word = this.words[at]!; word !== 0; word &= word - 1) visit((at << 5) + 31 - Math.clz32(word & -word));
    }
  }
}
