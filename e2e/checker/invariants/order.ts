import { FindingDraft } from '../finding-draft.js';
import { stepsOf, type KeyHistory } from '../key-history.js';
import type { KeyAlignment } from '../key-alignment.js';
import { comparePlaces, placeText, type Place } from '../position.js';
import type { Finding } from '../verdict.js';

/** I3: leaving out re-sends, a row's events come in the order of its commits; at rest the last record of every key has its highest position. */
export class OrderJudge {
  readonly #draft = new FindingDraft('I3');
  #records = 0;
  #resent = 0;

  /** Any row's history; `alignment` of rows that the checker wrote. */
  add(history: KeyHistory, alignment: KeyAlignment | null): void {
    this.#draft.checked += 1;
    this.#records += history.events.length;
    this.#positions(history);
    for (const { op, event } of alignment?.late ?? []) {
      this.#draft.violate(
        `operation ${op.opId} on row ${history.key} stands at offset ${event.offset} of ${history.topic}, behind a newer operation on the same row`,
        stepsOf(history, { op, event }),
      );
    }
  }

  #positions(history: KeyHistory): void {
    let highest: Place | null = null;
    for (const event of history.events) {
      const { place, offset } = event;
      if (place === null) {
        this.#draft.violate(
          `${history.topic}/${history.partition} offset ${offset}: headers and source do not tell one position`,
          stepsOf(history, { event }),
        );
        continue;
      }
      if (highest === null || comparePlaces(place, highest) >= 0) highest = place;
      else this.#resent += 1;
    }
    const last = history.events.at(-1);
    if (highest !== null && last?.place && comparePlaces(last.place, highest) < 0) {
      this.#draft.violate(
        `the last record of row ${history.key} in ${history.topic} stands at ${placeText(last.place)}, below ${placeText(highest)} that came before`,
        stepsOf(history, { event: last }),
      );
    }
  }

  finding(): Finding {
    this.#draft.say(`${this.#records.toLocaleString('en')} records of ${this.#draft.checked.toLocaleString('en')} keys`);
    this.#draft.say(`${this.#resent.toLocaleString('en')} of them were sent again below a higher position`);
    return this.#draft.finding();
  }
}
