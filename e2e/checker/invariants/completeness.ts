import { FindingDraft } from '../finding-draft.js';
import { stepsOf, type KeyHistory } from '../key-history.js';
import type { KeyAlignment } from '../key-alignment.js';
import type { LostRange } from '../lost-range.js';
import type { Op } from '../oplog.js';
import type { Finding } from '../verdict.js';

/** I1: every operation reaches its topics; a delete with its tombstone. What a named gap covers may be answered for by what became of the row since. */
export class CompletenessJudge {
  readonly #draft: FindingDraft;
  readonly #lost: Pick<LostRange, 'mayHold'> | null;
  readonly #topics = new Map<string, number>();
  #covered = 0;

  /** @param lost what a named gap may cover; null where there is none @param topics that must be judged */
  constructor(lost: Pick<LostRange, 'mayHold'> | null, topics: readonly string[] = []) {
    this.#draft = new FindingDraft('I1', topics);
    this.#lost = lost;
  }

  /** @param isGone whether the log holds nothing of the row at its end, whatever told it that the row is gone */
  add(history: KeyHistory, { matched, missing, bare, late }: KeyAlignment, isGone: boolean): void {
    const { topic, key } = history;
    const operations = matched.length + missing.length + late.length;
    this.#draft.count(operations, topic);
    this.#topics.set(topic, (this.#topics.get(topic) ?? 0) + operations);
    const covered = new Set<Op>();
    for (const op of missing) {
      const isSwallowed = this.#lost?.mayHold(op.opId) === true && isAnsweredFor(op, history, isGone);
      // What a gap swallowed was never on the log: deleting that row later tells nobody anything.
      const isUntold = isDelete(op) && covered.has(before(op, history.ops) ?? op) && !isHeld(op, history, matched);
      if (isSwallowed || isUntold) covered.add(op);
      else this.#draft.violate(`operation ${op.opId} on row ${key} was committed and is not in ${topic}`, stepsOf(history, { op }));
    }
    this.#covered += covered.size;
    for (const event of bare)
      this.#draft.violate(
        `the delete at offset ${event.offset} of ${topic} has no tombstone behind it (row ${key})`,
        stepsOf(history, { event }),
      );
  }

  finding(): Finding {
    for (const [topic, operations] of this.#topics) this.#draft.say(`${operations.toLocaleString('en')} operations looked for in ${topic}`);
    if (this.#covered > 0)
      this.#draft.say(`${this.#covered} operations fell into a named gap; the row's last one decides what stands in the log`);
    return this.#draft.finding();
  }
}

/** What a gap swallowed is answered for by a newer operation on the same row; and a delete needs none where the log holds nothing of the row. */
function isAnsweredFor(op: Op, { ops }: KeyHistory, isGone: boolean): boolean {
  return op !== ops.at(-1) || (isGone && isDelete(op));
}

function isDelete({ op }: Op): boolean {
  return op === 'd' || op === 's';
}

/** Whether the log held the row when the operation was made: the last one before it that was told is no delete. */
function isHeld(op: Op, { ops }: KeyHistory, matched: KeyAlignment['matched']): boolean {
  const at = ops.indexOf(op);
  const last = matched.findLast(({ op: told }) => ops.indexOf(told) < at);
  return last !== undefined && !isDelete(last.op);
}

/** The operation before this one that the log had to be told. */
function before(op: Op, ops: readonly Op[]): Op | undefined {
  return ops.slice(0, ops.indexOf(op)).findLast(({ op: kind }) => kind !== 'q' && kind !== 'n');
}
