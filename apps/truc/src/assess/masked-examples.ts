import type { DictionaryRelease } from '@truc/dictionary';
import { maskCode } from '@truc/identity-codes';
import { valueForm } from '@truc/pipeline';

/** What stands for values of rows: equal ones once, with how many rows have them. */
export interface MaskedExample {
  readonly shown: string;
  readonly rows: number;
  /** Where the first of them is (`ctid`), until somebody changes it; null where the role may not see that. */
  readonly place: string | null;
}

const shownMax = 3;
/** So many distinct ones are counted; what comes later is not among the examples. */
const keptMax = 200;
const valueCharsMax = 200;
/** Longer ones may be somebody's number in the wrong column. */
const clearCharsMax = 6;

/** Counts what is shown, never values: two persons whose codes end alike are one example. */
export class MaskedExamples {
  readonly #show: (value: string) => string;
  readonly #seen = new Map<string, { rows: number; readonly place: string | null }>();

  constructor(show: (value: string) => string) {
    this.#show = show;
  }

  take(value: string | null, place: string | null): void {
    if (value === null) return;
    const shown = this.#show(value.slice(0, valueCharsMax));
    const known = this.#seen.get(shown);
    if (known !== undefined) known.rows += 1;
    else if (this.#seen.size < keptMax) this.#seen.set(shown, { rows: 1, place });
  }

  /** The most frequent first. */
  told(): MaskedExample[] {
    return [...this.#seen]
      .toSorted(([, a], [, b]) => b.rows - a.rows)
      .slice(0, shownMax)
      .map(([shown, { rows, place }]) => ({ shown, rows, place }));
  }
}

/**
 * How values of an element are shown: a code of a list that tells of nobody as it is, any other code with its last characters, everything else by its form.
 * What is longer than such codes are is none, whatever the column is for.
 */
export function maskOf(element: string | null, isCode: boolean, release: DictionaryRelease): (value: string) => string {
  const definition = element === null ? null : release.element(element);
  const domain = definition === null ? null : release.valueDomain(definition.valueDomain);
  const isListed = domain !== null && domain.codeList !== null;
  const isNobodys = definition?.classification === 'open' || definition?.classification === 'shared';
  const charsMax = Math.min(domain?.maxLength ?? 0, clearCharsMax);
  return (value) => {
    if (isListed && isNobodys && value.length <= charsMax && /^[0-9A-Z.-]*$/.test(value)) return value;
    if ((isCode || isListed) && value.length <= 40 && /^[0-9A-Za-z.-]*$/.test(value)) return maskCode(value);
    return valueForm(value);
  };
}
