import type { InvariantName } from './invariant-name.js';
import type { Finding, Violation } from './verdict.js';

const violationsMax = 10;

/** Gathers what a judge finds: the first violations whole, the number of the others. */
export class FindingDraft {
  readonly #invariant: InvariantName;
  readonly #evidence: string[] = [];
  readonly #violations: Violation[] = [];
  #more = 0;
  checked = 0;

  constructor(invariant: InvariantName) {
    this.#invariant = invariant;
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
    return { invariant: this.#invariant, checked: this.checked, evidence: this.#evidence, violations: [...this.#violations, ...more] };
  }
}
