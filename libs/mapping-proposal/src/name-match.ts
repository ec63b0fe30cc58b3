import { matchPhrase } from './phrase-match.js';
import { readings } from './short-form.js';
import type { KnownElement, Vocabulary } from './vocabulary.js';

export interface NameMatch {
  /** 0 to 1. */
  readonly score: number;
  /** True where the words tell the element's role apart from others of its value domain. */
  readonly hasRole: boolean;
}

/** A definition explains more than a name says, so that little of it is covered. */
const definitionFactor = 0.75;
/** A value domain's label says what a value is, and not what it is of. */
const domainFactor = 0.8;
/** So much of the words of a role has to be said, by weight. */
const roleShareLeast = 0.45;
/** A name of which a good part is left unexplained says something else. */
const explainedLeast = 0.6;
const unexplainedFactor = 0.7;
/** What a table is called belongs to a column's name less closely than its own words. */
const tableFactor = 0.95;

/** What a thing's property is called in its own table leaves out what goes without saying there. */
const ownFactor = 0.8;
const ownRecallLeast = 0.35;

/**
 * How well a column's name says an element.
 * @param table words of the table's name and comment
 * @param implied words that go without saying in this table
 */
export function nameMatch(
  column: readonly string[],
  table: readonly string[],
  known: KnownElement,
  { weights }: Vocabulary,
  implied: ReadonlySet<string>,
  isOwnGroup: boolean,
): NameMatch {
  let score = 0;
  let hasRole = known.roleWords.length === 0;
  const role = new Set(known.roleWords);
  const isRole = (word: string): boolean => role.has(word) && !implied.has(word);
  const take = (found: number): void => void (score = Math.max(score, found));
  for (const words of readings(column)) {
    for (const [index, phrase] of known.phrases.entries()) {
      const own = matchPhrase(words, phrase, weights, implied);
      take(harmonic(own.recall, own.precision) * (own.precision < explainedLeast ? unexplainedFactor : 1));
      if (isOwnGroup && own.recall >= ownRecallLeast) take(ownFactor * own.precision);
      // Words of the table may stand before or behind the column's; they explain the phrase, and are asked to explain nothing themselves.
      const tailed = matchPhrase([...words, ...table], phrase, weights, implied);
      const isOwn = own.precision > 0.5;
      if (isOwn) take(harmonic(tailed.recall, own.precision) * tableFactor);
      if (index === 0) {
        const weigh = (places: Iterable<number>): number =>
          [...places].reduce((sum, place) => (isRole(phrase[place] ?? '') ? sum + weights.of(phrase[place] ?? '') : sum), 0);
        hasRole ||= weigh(tailed.covered) >= weigh(phrase.keys()) * roleShareLeast;
      }
    }
    for (const phrase of known.definitions) {
      const { precision, recall } = matchPhrase(words, phrase, weights);
      if (words.filter((word) => phrase.includes(word)).length >= 2) take(definitionFactor * precision * (0.8 + 0.2 * recall));
    }
    for (const phrase of known.domainPhrases) {
      const { precision, recall } = matchPhrase(words, phrase, weights, implied);
      if (precision >= 0.7) take(domainFactor * harmonic(recall, precision));
    }
  }
  return { score, hasRole };
}

function harmonic(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}
