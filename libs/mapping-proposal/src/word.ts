/** Words of names and labels, without the marks that databases leave out. */

/** `Số thửa đất` as `so thua dat`. */
export function plainLetters(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[đĐ]/g, 'd').toLowerCase();
}

/** The words of a name, however they are kept apart: `so_dinh_danh`, `nguoiCapNhat`, `"Tên Cột"`. */
export function wordsOf(name: string): string[] {
  const apart = name.normalize('NFC').replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return plainLetters(apart)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/**
 * Words that say little of what is meant: particles, and in names of tables and columns the habits of contractors.
 */
const particles = new Set(
  'cua va hoac theo tai bang de co trong la cac duoc of and or the a in by is for tbl tb dm t col fk pk'.split(' '),
);

/** How much a word says: much of what few labels have, little of what many have. */
export class WordWeights {
  readonly #weights: ReadonlyMap<string, number>;
  readonly #most: number;

  constructor(phrases: readonly (readonly string[])[]) {
    const counts = new Map<string, number>();
    for (const phrase of phrases) for (const word of new Set(phrase)) counts.set(word, (counts.get(word) ?? 0) + 1);
    this.#most = Math.log(1 + phrases.length);
    this.#weights = new Map([...counts].map(([word, count]) => [word, Math.log(1 + phrases.length / count)]));
  }

  of(word: string): number {
    if (particles.has(word)) return 0.2;
    // What no label has is told apart by no label either, and still has to be accounted for.
    return this.#weights.get(word) ?? this.#most * 0.8;
  }
}
