import { FindingDraft } from '../finding-draft.js';
import { stepsOf, type KeyHistory } from '../key-history.js';
import type { KeyAlignment } from '../key-alignment.js';
import { comparePlaces, type Place } from '../position.js';
import { tokenOf } from '../token.js';
import type { Finding } from '../verdict.js';

/** I2: nothing is ever seen of what was taken back, and nothing is told that nobody did. */
export class CommitmentJudge {
  readonly #draft = new FindingDraft('I2');
  readonly #isCommitted: (opId: number) => boolean;
  readonly #knownUpTo: Place;
  readonly #places = new Map<string, number>();

  /**
   * @param isCommitted of any operation, also of earlier runs @param rolledBack how many operations were taken back: what is looked for
   * @param knownUpTo where the first gap is or the checked dataset stood apart, or the end of the epoch in which the run began: who reads behind it does not know which rows were never published, and tells of their deletes
   */
  constructor(isCommitted: (opId: number) => boolean, rolledBack: number, knownUpTo: Place) {
    this.#knownUpTo = knownUpTo;
    this.#isCommitted = isCommitted;
    this.#draft.checked = rolledBack;
    this.#draft.say(
      `${rolledBack.toLocaleString('en')} operations were taken back by rollbacks, savepoints and lost connections; their tokens were looked for`,
    );
  }

  /** @param where for a person: `data.g01.population.resident.v1/3 offset 17` */
  seen(opId: number, place: string, where: string): void {
    this.#places.set(place, (this.#places.get(place) ?? 0) + 1);
    if (!this.#isCommitted(opId))
      this.#draft.violate(`${where} holds the token ${tokenOf(opId)} of operation ${opId}, which was never committed`);
  }

  /** @param isTakenBack whether a restore of the source took something of the row back, which a sweep of the new epoch then does in the log */
  add(history: KeyHistory, { surplus, loose }: KeyAlignment, isTakenBack: boolean): void {
    const where = `${history.topic}/${history.partition}`;
    let unpublished = history.ops.filter(({ op }) => op === 'n').length;
    for (const event of surplus) {
      if (event.kind !== 'delete') continue;
      const isLater = event.place !== null && comparePlaces(event.place, this.#knownUpTo) > 0;
      if (isLater && isTakenBack && event.isSweep) continue;
      if (isLater && unpublished > 0) {
        unpublished -= 1;
        continue;
      }
      this.#draft.violate(
        `${where} offset ${event.offset} tells a delete of row ${history.key} that nobody made`,
        stepsOf(history, { event }),
      );
    }
    for (const event of loose)
      this.#draft.violate(
        `${where} offset ${event.offset} is a tombstone of row ${history.key} with no delete before it`,
        stepsOf(history, { event }),
      );
  }

  finding(): Finding {
    for (const [place, tokens] of this.#places) this.#draft.say(`${tokens.toLocaleString('en')} tokens seen in ${place}`);
    return this.#draft.finding();
  }
}
