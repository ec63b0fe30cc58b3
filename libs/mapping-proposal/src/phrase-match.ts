import type { WordWeights } from './word.js';

export interface PhraseMatch {
  /** Share of the phrase that the words cover, by weight. */
  readonly recall: number;
  /** Share of the words that the phrase explains, by weight. */
  readonly precision: number;
  /** Places of the phrase that are covered. */
  readonly covered: ReadonlySet<number>;
}

/**
 * Lays the words of a name along a phrase, in order, so that as much as possible is covered. A word stands for itself, or as initials for two or more words that follow each
 * other: `so_dd_cha` along `số định danh của cha`.
 * @param implied words of the phrase that the table says already: they are asked of no column
 */
export function matchPhrase(
  words: readonly string[],
  phrase: readonly string[],
  weights: WordWeights,
  implied: ReadonlySet<string> = new Set(),
): PhraseMatch {
  if (!words.some((word) => phrase.some((_, at) => lengthsAt(word, phrase, at).length > 0))) return unmatched;
  const steps = words.length + 1;
  const places = phrase.length + 1;
  const best: Laid[][] = Array.from({ length: steps }, () => Array.from({ length: places }, () => nothing));
  for (let i = words.length - 1; i >= 0; i--) {
    for (let j = phrase.length - 1; j >= 0; j--) {
      let laid = better(best[i + 1]![j]!, best[i]![j + 1]!);
      const word = words[i]!;
      for (const length of lengthsAt(word, phrase, j)) {
        const rest = best[i + 1]![j + length]!;
        const gained = phrase.slice(j, j + length).reduce((sum, one) => sum + weights.of(one), 0);
        laid = better(laid, { weight: rest.weight + gained, words: [i, ...rest.words], places: [...range(j, length), ...rest.places] });
      }
      best[i]![j] = laid;
    }
  }
  const laid = best[0]![0]!;
  // Two letters alone are the initials of anything.
  if (laid.words.every((index) => words[index]!.length === 2 && !phrase.includes(words[index]!))) return unmatched;
  const covered = new Set(laid.places);
  const used = new Set(laid.words);
  let coveredWeight = 0;
  let phraseWeight = 0;
  for (const [index, word] of phrase.entries()) {
    const weight = weights.of(word);
    if (covered.has(index)) coveredWeight += weight;
    if (covered.has(index) || !implied.has(word)) phraseWeight += weight;
  }
  // A word of initials weighs what it stands for, and what stands for nothing weighs as itself.
  const surplus = words.reduce((sum, word, index) => (used.has(index) ? sum : sum + weights.of(word)), 0);
  return {
    recall: phraseWeight === 0 ? 0 : coveredWeight / phraseWeight,
    precision: coveredWeight + surplus === 0 ? 0 : coveredWeight / (coveredWeight + surplus),
    covered,
  };
}

const unmatched: PhraseMatch = { recall: 0, precision: 0, covered: new Set() };

interface Laid {
  readonly weight: number;
  readonly words: readonly number[];
  readonly places: readonly number[];
}

const nothing: Laid = { weight: 0, words: [], places: [] };

function better(a: Laid, b: Laid): Laid {
  return b.weight > a.weight ? b : a;
}

/** How many words of the phrase the word stands for at this place. */
function lengthsAt(word: string, phrase: readonly string[], at: number): number[] {
  const lengths = phrase[at] === word ? [1] : [];
  if (word.length >= 2 && word.length <= phrase.length - at && [...word].every((letter, index) => phrase[at + index]![0] === letter))
    lengths.push(word.length);
  return lengths;
}

function range(from: number, length: number): number[] {
  return Array.from({ length }, (_, index) => from + index);
}
