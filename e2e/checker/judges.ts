import { checkedContract } from './checked-contract.js';
import { CommitmentJudge } from './invariants/commitment.js';
import { CompletenessJudge } from './invariants/completeness.js';
import { EqualityJudge } from './invariants/equality.js';
import { MonotonyJudge } from './invariants/monotony.js';
import { OrderJudge } from './invariants/order.js';
import { ReceiptsJudge } from './invariants/receipts.js';
import type { JudgementOptions } from './judgement.js';
import { LostRange } from './lost-range.js';
import { NumberRanges } from './number-ranges.js';
import { committedOpIds } from './oplog.js';
import { tokenOf } from './token.js';
import type { BytesFound } from './topic-evidence.js';

/** The judges of what stands in topics and targets. */
export class Judges {
  readonly completeness: CompletenessJudge;
  readonly commitment: CommitmentJudge;
  readonly order = new OrderJudge();
  readonly monotony: MonotonyJudge;
  readonly equality: EqualityJudge;
  readonly receipts: ReceiptsJudge;

  private constructor({ policy, history, knownUpTo, targets }: JudgementOptions, committed: NumberRanges) {
    const { topics } = checkedContract(policy);
    const names = Object.values(targets).map(({ name }) => name);
    const isRestored = history.events.some(({ kind }) => kind === 'taken-back');
    const isCommitted = (opId: number): boolean => committed.has(opId) || (isRestored && history.wasCommitted(opId, tokenOf(opId)));
    this.completeness = new CompletenessJudge(LostRange.of(history), topics);
    this.commitment = new CommitmentJudge(isCommitted, history.rolledBackTokens.size, knownUpTo);
    this.monotony = new MonotonyJudge(names);
    this.equality = new EqualityJudge(names);
    this.receipts = new ReceiptsJudge(topics);
  }

  static async of(options: JudgementOptions): Promise<Judges> {
    const committed = new NumberRanges();
    for await (const opId of committedOpIds(options.backbone.databases.population, options.firstOp)) committed.add(opId);
    return new Judges(options, committed);
  }

  /** What was looked for in bytes. @param place for a person: a topic or a target */
  bytes(place: string, { where, opIds, canaries }: BytesFound): void {
    this.equality.searched(place, where, canaries);
    for (const opId of opIds) this.commitment.seen(opId, place, where);
  }
}
