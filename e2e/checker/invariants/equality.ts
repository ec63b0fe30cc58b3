import { FindingDraft } from '../finding-draft.js';
import { stepsOf, type KeyHistory } from '../key-history.js';
import type { KeyAlignment } from '../key-alignment.js';
import { tokenOf } from '../token.js';
import type { Finding } from '../verdict.js';

/** I5: what stands in the targets and in the events is what the source means by it, and forbidden values are nowhere. */
export class EqualityJudge {
  readonly #draft: FindingDraft;
  readonly #compared = new Map<string, number>();
  readonly #searched = new Map<string, number>();

  /** @param targets that must be judged */
  constructor(targets: readonly string[] = []) {
    this.#draft = new FindingDraft('I5', targets);
  }

  /** One row at rest; null where it is not there. @param target for a person: `the general database` */
  compare(target: string, key: string, expected: { readonly hash: string; readonly opId: number } | null, found: string | null): void {
    this.#draft.count(1, target);
    this.#compared.set(target, (this.#compared.get(target) ?? 0) + 1);
    if ((expected?.hash ?? null) === found) return;
    const what = found === null ? 'is missing' : expected === null ? 'is there and should not be' : 'holds other values than the source';
    this.#draft.violate(`row ${key} ${what} in ${target}`, [
      expected === null
        ? 'expected nothing: it is deleted at the source, or was never published'
        : `expected what operation ${expected.opId} wrote, token ${tokenOf(expected.opId)}, hash ${expected.hash.slice(0, 16)}`,
      `found ${found === null ? 'nothing' : `hash ${found.slice(0, 16)}`}`,
    ]);
  }

  /** What each event holds, and events of rows that had to be refused. */
  add(history: KeyHistory, { matched, repeated, surplus, distorted }: KeyAlignment): void {
    for (const { op, event } of [...matched, ...repeated]) {
      const expected = history.kind === 'dataset' ? op.rowHash : op.viewHash;
      if (event.kind === 'upsert' && event.hash !== expected) {
        this.#draft.violate(
          `the event at offset ${event.offset} of ${history.topic} does not hold what operation ${op.opId} wrote`,
          stepsOf(history, { op, event }),
        );
      }
    }
    for (const event of surplus) {
      if (event.kind !== 'upsert') continue;
      const isRefused = history.ops.some(({ opId, op }) => opId === event.opId && op === 'q');
      const what = isRefused ? 'holds a version that had to be refused' : 'holds a row that does not belong under its key';
      this.#draft.violate(
        `the event at offset ${event.offset} of ${history.topic} ${what} (row ${history.key})`,
        stepsOf(history, { event }),
      );
    }
    for (const { event, first } of distorted) {
      this.#draft.violate(
        `the event at offset ${event.offset} of ${history.topic} has the position of offset ${first.offset} and other content (row ${history.key})`,
        stepsOf(history, { event }),
      );
    }
  }

  /** A record of which nobody can tell what it holds. */
  unreadable(where: string, why: string): void {
    this.#draft.violate(`the record at ${where} cannot be read: ${why}`);
  }

  /** Something that may not be there, whatever its value. */
  forbidden(what: string, where: string): void {
    this.#draft.violate(`${what} stands in ${where}`);
  }

  /** @param canaries forbidden values that were met there */
  searched(place: string, where: string, canaries: readonly string[]): void {
    this.#searched.set(place, (this.#searched.get(place) ?? 0) + 1);
    for (const canary of canaries) this.#draft.violate(`the forbidden value ${canary} stands in ${where}`);
  }

  /** Where others write meanwhile, what they write is never at rest. */
  uncompared(): void {
    this.#draft.say('others write to the sources as well: rows that the checker did not write were not compared');
  }

  /** Compared by somebody else: all rows of a dataset, those that the checker did not write included. */
  reconciled(what: string, rows: number, isEqual: boolean): void {
    this.#draft.checked += rows;
    this.#draft.say(`${what}: ${rows.toLocaleString('en')} rows ${isEqual ? 'are equal' : 'differ'}`);
    if (!isEqual) this.#draft.violate(`${what} differ by hash`);
  }

  finding(): Finding {
    for (const [target, rows] of this.#compared)
      this.#draft.say(`${rows.toLocaleString('en')} rows that the checker wrote compared with ${target}`);
    for (const [place, items] of this.#searched)
      this.#draft.say(`${items.toLocaleString('en')} items of ${place} searched for forbidden values`);
    return this.#draft.finding();
  }
}
