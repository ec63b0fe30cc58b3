import type { InvariantName } from './invariant-name.js';
import type { Finding, Violation } from './verdict.js';

const violationsMax = 10;

/** Gathers what a judge finds: the first violations whole, the number of the others. */
export class FindingDraft {
  readonly #invariant: InvariantName;
  readonly #evidence: string[] = [];
  readonly #violations: Violation[] = [];
  readonly #parts: Map<string, number>;
  #more = 0;
  checked = 0;

  /** @param parts what must each have been looked at for the invariant to be evaluated: topics, targets */
  constructor(invariant: InvariantName, parts: readonly string[] = []) {
    this.#invariant = invariant;
    this.#parts = new Map(parts.map((part) => [part, 0]));
  }

  /** So many things were judged of that part. */
  count(things: number, part: string): void {
    this.checked += things;
    this.#parts.set(part, (this.#parts.get(part) ?? 0) + things);
  }

  say(evidence: string): void {
    this.#evidence.push(evidence);
  }

  violate(message: string, steps: readonly string[] = []): void {
    if (this.#violations.length < violationsMax) this.#violations.push({ invariant: this.#invariant, message, steps });
    else this.#more += 1;
  }

  finding(): Finding {
    const more = this.#more === 0 ? [] : [{ invariant: this.#invariant, message: `and ${this.#more} more like these`, steps: [] }];
    const empty = [...this.#parts].flatMap(([part, things]) => (things === 0 ? [part] : []));
    return {
      invariant: this.#invariant,
      checked: empty.length === 0 ? this.checked : 0,
      evidence: [...this.#evidence, ...empty.map((part) => `nothing was judged of ${part}`)],
      violations: [...this.#violations, ...more],
    };
  }
}
