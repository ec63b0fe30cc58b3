import { FindingDraft } from '../finding-draft.js';
import { comparePlaces, placeText, type Place } from '../position.js';
import type { Finding } from '../verdict.js';

/** A change of a row in a target, as a trigger noted it. */
export interface TargetChange {
  readonly target: string;
  readonly table: string;
  readonly key: string;
  /** Of the row after the change, or of the delete. */
  readonly place: Place;
  /** Transaction of the target; null: it stood there before the run. */
  readonly transaction: string | null;
}

/** I4: no row in a target ever goes back to an older position. */
export class MonotonyJudge {
  readonly #draft: FindingDraft;
  readonly #changes = new Map<string, number>();
  #row: string | null = null;
  #trail: TargetChange[] = [];

  /** @param targets that must be judged */
  constructor(targets: readonly string[] = []) {
    this.#draft = new FindingDraft('I4', targets);
  }

  /** Changes come row by row, each row's in the order in which they were made. */
  add(change: TargetChange): void {
    const row = `${change.target}/${change.table}/${change.key}`;
    if (row !== this.#row) {
      this.#row = row;
      this.#trail = [];
    }
    if (change.transaction !== null) {
      this.#draft.count(1, change.target);
      this.#changes.set(change.target, (this.#changes.get(change.target) ?? 0) + 1);
    }
    const before = this.#trail.at(-1);
    this.#trail.push(change);
    if (before !== undefined && comparePlaces(change.place, before.place) < 0) {
      this.#draft.violate(
        `row ${change.key} of ${change.table} in ${change.target} went back from ${placeText(before.place)} to ${placeText(change.place)}`,
        this.#trail
          .slice(-12)
          .map(
            ({ place, transaction }) =>
              `${transaction === null ? 'before the run' : `target transaction ${transaction}`}: ${placeText(place)}`,
          ),
      );
    }
  }

  finding(): Finding {
    for (const [target, changes] of this.#changes)
      this.#draft.say(`${changes.toLocaleString('en')} changes noted by triggers in ${target}`);
    return this.#draft.finding();
  }
}
