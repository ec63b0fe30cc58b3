import { FindingDraft } from '../finding-draft.js';
import { stepsOf, type KeyHistory } from '../key-history.js';
import type { KeyAlignment } from '../key-alignment.js';
import { tokenOf } from '../token.js';
import type { Finding } from '../verdict.js';

/** I2: nothing is ever seen of what was taken back, and nothing is told that nobody did. */
export class CommitmentJudge {
  readonly #draft = new FindingDraft('I2');
  readonly #isCommitted: (opId: number) => boolean;
  readonly #isEpochNew: boolean;
  readonly #places = new Map<string, number>();

  /**
   * @param isCommitted of any operation, also of earlier runs @param rolledBack how many operations were taken back: what is looked for
   * @param isEpochNew whether a gap was resolved: a new epoch does not know which rows were never published, and tells of their deletes
   */
  constructor(isCommitted: (opId: number) => boolean, rolledBack: number, isEpochNew: boolean) {
    this.#isEpochNew = isEpochNew;
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

  add(history: KeyHistory, { surplus }: KeyAlignment): void {
    const unpublished = this.#isEpochNew ? history.ops.filter(({ op }) => op === 'n').length : 0;
    for (const { kind, offset } of surplus.filter(({ kind }) => kind === 'delete').slice(unpublished)) {
      this.#draft.violate(
        `${history.topic}/${history.partition} offset ${offset} tells a ${kind} of row ${history.key} that nobody made`,
        stepsOf(history),
      );
    }
  }

  finding(): Finding {
    for (const [place, tokens] of this.#places) this.#draft.say(`${tokens.toLocaleString('en')} tokens seen in ${place}`);
    return this.#draft.finding();
  }
}
