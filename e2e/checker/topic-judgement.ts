import { topicNames, type DatasetPolicy } from '@truc/coordination';
import { agencySlug } from '@truc/kernel';
import { checkedContract } from './checked-contract.js';
import type { JudgementOptions } from './judgement.js';
import { endOf } from './log-ends.js';
import type { Judges } from './judges.js';
import { alignKey } from './key-alignment.js';
import type { KeyHistory } from './key-history.js';
import type { LogEvent } from './log-event.js';
import { opsOfPartition, type Op } from './oplog.js';
import { readableTopics } from './readable-topics.js';
import { KeptReceipts } from './receipt-reading.js';
import { RestoredSource } from './restored-source.js';
import type { Target } from './target-audit.js';
import { readPartition, searchTopic, type PartitionEvidence, type TopicReading } from './topic-evidence.js';
import { bySourceKey } from './view-keys.js';

/** Judges what stands on the log: datasets and the checked view row by row, all that is read of it by its bytes. */
export class TopicJudgement {
  readonly #options: JudgementOptions;
  readonly #judges: Judges;
  readonly #reading: TopicReading;
  readonly #restored: RestoredSource;
  readonly #unknown = new Set<string>();
  readonly #toldWhole = new Set<number>();

  constructor(options: JudgementOptions, judges: Judges, reading: TopicReading) {
    this.#options = options;
    this.#judges = judges;
    this.#reading = reading;
    this.#restored = new RestoredSource(options.history.events);
  }

  /** Keys of refused rows whose last good version nobody can tell: a gap swallowed it, or a restore took it back. By code too, which is how subscribers know them. */
  get unknown(): ReadonlySet<string> {
    return this.#unknown;
  }

  /** Numbers of operations that were refused for what the source left out, and told whole by a snapshot then. */
  get toldWhole(): ReadonlySet<number> {
    return this.#toldWhole;
  }

  async all(): Promise<void> {
    const { receipts } = this.#judges;
    const kept = await KeptReceipts.read(this.#reading, receipts);
    for (const entry of this.#options.policy) if (entry.kind === 'dataset') await this.#dataset(entry, kept);
    await this.#otherTopics();
  }

  /** A dataset and the checked view of it, partition by partition: no more than one is in memory. */
  async #dataset(dataset: DatasetPolicy, kept: KeptReceipts): Promise<void> {
    const { policy, targets } = this.#options;
    const checked = checkedContract(policy);
    const isChecked = dataset === checked.dataset;
    for (let partition = 0; partition < dataset.partitions; partition += 1) {
      const ops = isChecked ? await this.#ops(partition, dataset.partitions) : new Map<string, Op[]>();
      const evidence = await this.#partition(dataset.topic, partition, targets.general, kept, 'dataset');
      this.#keys({ topic: dataset.topic, partition, kind: 'dataset' }, ops, evidence.eventsByKey);
      if (!isChecked || checked.view === null) continue;
      const { topic } = checked.view;
      const seen = await this.#partition(topic, partition, targets.subscriber, kept, 'view');
      this.#keys({ topic, partition, kind: 'view' }, ops, bySourceKey(seen.eventsByKey, ops, evidence.eventsByKey));
    }
  }

  async #ops(partition: number, partitions: number): Promise<Map<string, Op[]>> {
    const { backbone, firstOp } = this.#options;
    const ops = new Map<string, Op[]>();
    for await (const op of opsOfPartition(backbone.databases.population, firstOp, partition, partitions)) {
      const known = ops.get(op.key);
      if (known === undefined) ops.set(op.key, [op]);
      else known.push(op);
    }
    return ops;
  }

  async #partition(
    topic: string,
    partition: number,
    { consumer }: Target,
    kept: KeptReceipts,
    kind: 'dataset' | 'view',
  ): Promise<PartitionEvidence> {
    const { equality, receipts } = this.#judges;
    const from = endOf(this.#options.judged, topic, partition);
    // A replay's receipt may vouch for what is read here and for what is not: the first delivery of it has one of its own.
    const of = kept.of(consumer, topic, partition).filter(({ firstOffset }) => firstOffset >= from);
    const isPrivateAllowed = kind === 'dataset';
    const place = { topic, partition, from, kind, isPrivateAllowed, firstOffsets: new Set(of.map(({ firstOffset }) => firstOffset)) };
    const evidence = await readPartition(this.#reading, place, {
      bytes: (found) => this.#judges.bytes(topic, found),
      unreadable: (where, why) => equality.unreadable(where, why),
      beyond: (where, parts) => equality.forbidden(`a filled ${parts.join(', ')}`, where),
    });
    const end = endOf(this.#options.ends, topic, partition);
    receipts.add({ consumer, topic, partition, areOlderGone: kept.isCut, end }, of, evidence.digests);
    return evidence;
  }

  #keys(
    where: Pick<KeyHistory, 'topic' | 'partition' | 'kind'>,
    ops: ReadonlyMap<string, readonly Op[]>,
    events: ReadonlyMap<string, readonly LogEvent[]>,
  ): void {
    const { order, completeness, commitment, equality } = this.#judges;
    for (const key of new Set([...ops.keys(), ...events.keys()])) {
      const history: KeyHistory = { ...where, key, ops: ops.get(key) ?? [], events: events.get(key) ?? [] };
      const still = this.#restored.without(history);
      const alignment = history.ops.length > 0 ? alignKey(still) : null;
      if (history.events.length > 0) order.add(history, alignment);
      if (alignment === null) continue;
      const isTakenBack = still.events.length < history.events.length;
      if ((isTakenBack || alignment.missing.length > 0) && history.ops.at(-1)?.op === 'q')
        this.#unknown.add(key).add((JSON.parse(key) as [string, string])[0]);
      for (const { op } of [...alignment.matched, ...alignment.repeated]) if (op.op === 'q') this.#toldWhole.add(op.opId);
      completeness.add(still, alignment, history.events.at(-1)?.kind !== 'upsert');
      commitment.add(still, alignment, isTakenBack);
      equality.add(still, alignment);
    }
  }

  /** Quarantine, which may hold what is private; what consumers refused, and everything else that the checked subscriber can read, which may not. */
  async #otherTopics(): Promise<void> {
    const { policy } = this.#options;
    const { contract, view } = checkedContract(policy);
    const rejected = policy.flatMap((entry) => (entry.kind === 'contract' ? [topicNames.rejected(agencySlug(entry.consumer))] : []));
    const read = contract === null ? [] : readableTopics(policy, contract.consumer);
    for (const topic of new Set([...rejected, ...read])) if (topic !== view?.topic) await this.#search(topic, false);
    for (const entry of policy) if (entry.kind === 'dataset') await this.#search(entry.quarantineTopic, true);
  }

  async #search(topic: string, isPrivateAllowed: boolean): Promise<void> {
    await searchTopic(this.#reading, topic, { isPrivateAllowed }, (found) => this.#judges.bytes(topic, found));
  }
}
