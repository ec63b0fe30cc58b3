import { topicNames, type PolicyEntry } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { agencySlug } from '@truc/kernel';
import { reconcile } from '@truc/local-stack';
import { scanToEnd } from '@truc/pipeline';
import type { BackboneAccess } from './backbone-access.js';
import type { HistoryFile } from './history-file.js';
import type { InvariantName } from './invariant-name.js';
import { CommitmentJudge } from './invariants/commitment.js';
import { CompletenessJudge } from './invariants/completeness.js';
import { EqualityJudge } from './invariants/equality.js';
import { judgeGaps } from './invariants/gap-naming.js';
import { MonotonyJudge } from './invariants/monotony.js';
import { OrderJudge } from './invariants/order.js';
import { ReceiptsJudge, type Receipt } from './invariants/receipts.js';
import { judgeRecovery } from './invariants/recovery.js';
import { judgeReplays } from './invariants/replay.js';
import { alignKey } from './key-alignment.js';
import type { KeyHistory } from './key-history.js';
import type { LogEvent } from './log-event.js';
import { LostRange } from './lost-range.js';
import { NumberRanges } from './number-ranges.js';
import { checkedDataset, committedOpIds, lastOps, opsOfPartition, type Op } from './oplog.js';
import { isCheckerCode } from './person.js';
import { placeText } from './position.js';
import { RegistrySchemas } from './registry-schemas.js';
import { RestoredSource } from './restored-source.js';
import type { ExpectedGap } from './scenario.js';
import { joinSorted } from './sorted-join.js';
import { auditedChanges, type Target } from './target-audit.js';
import { searchedRows, targetRows } from './target-rows.js';
import { tokenOf } from './token.js';
import { readable, readPartition, searchTopic, type BytesFound, type PartitionEvidence, type TopicReading } from './topic-evidence.js';
import type { Finding } from './verdict.js';

export interface JudgementOptions {
  readonly backbone: BackboneAccess;
  readonly policy: readonly PolicyEntry[];
  readonly targets: { readonly general: Target; readonly subscriber: Target };
  readonly history: HistoryFile;
  /** Operations of this run have this number or a higher one. */
  readonly firstOp: number;
  /** Of the checked source when the run began. */
  readonly firstEpoch: number;
  /** Invariants that the run must evaluate. */
  readonly required: readonly InvariantName[];
  readonly expectedGaps: readonly ExpectedGap[];
  /** How many sources told their state when everything was over. */
  readonly sourcesAsked: number;
  readonly signal: AbortSignal;
}

/** Reads everything back, at rest, and judges it. @throws TrucError where something cannot be read */
export async function judge(options: JudgementOptions): Promise<Finding[]> {
  const judgement = await Judgement.begin(options);
  try {
    return await judgement.all();
  } finally {
    await judgement.close();
  }
}

type DatasetPolicy = PolicyEntry & { readonly kind: 'dataset' };
type ViewPolicy = PolicyEntry & { readonly kind: 'view' };

class Judgement {
  readonly #options: JudgementOptions;
  readonly #reading: TopicReading;
  readonly #completeness: CompletenessJudge;
  readonly #commitment: CommitmentJudge;
  readonly #order = new OrderJudge();
  readonly #equality = new EqualityJudge();
  readonly #receipts = new ReceiptsJudge();
  readonly #restored: RestoredSource;
  /** Keys of refused rows whose last good version nobody can tell: a gap swallowed it, or a restore took it back. By code too, which is how subscribers know them. */
  readonly #unknown = new Set<string>();
  #receiptsOf: ReadonlyMap<string, readonly Receipt[]> = new Map();

  private constructor(options: JudgementOptions, committed: NumberRanges) {
    const { backbone, history, firstEpoch, signal } = options;
    this.#options = options;
    this.#restored = new RestoredSource(history.events);
    this.#reading = {
      reader: openLogReader({ connection: backbone.kafka }),
      schemas: new RegistrySchemas(backbone.registryUrl, backbone.administratorToken),
      signal,
    };
    this.#completeness = new CompletenessJudge(LostRange.of(history));
    const isRestored = history.events.some(({ kind }) => kind === 'taken-back');
    const isCommitted = (opId: number): boolean => committed.has(opId) || (isRestored && history.wasCommitted(opId, tokenOf(opId)));
    this.#commitment = new CommitmentJudge(isCommitted, history.rolledBackTokens.size, firstEpoch);
  }

  static async begin(options: JudgementOptions): Promise<Judgement> {
    const committed = new NumberRanges();
    for await (const opId of committedOpIds(options.backbone.databases.population, options.firstOp)) committed.add(opId);
    return new Judgement(options, committed);
  }

  async all(): Promise<Finding[]> {
    const { history, required, expectedGaps, sourcesAsked, policy, targets } = this.#options;
    this.#receiptsOf = await this.#readReceipts();
    const datasets = policy.filter((entry): entry is DatasetPolicy => entry.kind === 'dataset');
    const views = policy.filter((entry): entry is ViewPolicy => entry.kind === 'view');
    for (const dataset of datasets) await this.#dataset(dataset, views);
    await this.#otherTopics();
    await this.#rowsOfTargets();
    const monotony = new MonotonyJudge();
    for (const target of Object.values(targets)) for await (const change of auditedChanges(target)) monotony.add(change);
    return [
      this.#completeness.finding(),
      this.#commitment.finding(),
      this.#order.finding(),
      monotony.finding(),
      this.#equality.finding(),
      judgeReplays(history.events),
      this.#receipts.finding(),
      judgeRecovery(history.faults, history.events, required.includes('I8')),
      judgeGaps(history.events, expectedGaps, sourcesAsked),
    ];
  }

  async close(): Promise<void> {
    await this.#reading.reader.close();
  }

  /** A dataset and the views of it, partition by partition: no more than one is in memory. */
  async #dataset(dataset: DatasetPolicy, views: readonly ViewPolicy[]): Promise<void> {
    const { backbone, firstOp, targets } = this.#options;
    const isChecked = dataset.name === checkedDataset;
    for (let partition = 0; partition < dataset.partitions; partition += 1) {
      const ops = new Map<string, Op[]>();
      if (isChecked) {
        for await (const op of opsOfPartition(backbone.databases.population, firstOp, partition, dataset.partitions)) {
          const known = ops.get(op.key);
          if (known === undefined) ops.set(op.key, [op]);
          else known.push(op);
        }
      }
      const evidence = await this.#partition(dataset.topic, partition, targets.general, true);
      this.#keys({ topic: dataset.topic, partition, kind: 'dataset' }, ops, evidence.eventsByKey);
      for (const view of views.filter(({ datasetTopic }) => datasetTopic === dataset.topic)) {
        const seen = await this.#partition(view.topic, partition, targets.subscriber, false);
        this.#keys({ topic: view.topic, partition, kind: 'view' }, ops, bySourceKey(seen.eventsByKey, ops, evidence.eventsByKey));
      }
    }
  }

  async #partition(topic: string, partition: number, target: Target, isPrivateAllowed: boolean): Promise<PartitionEvidence> {
    const evidence = await readPartition(
      this.#reading,
      topic,
      partition,
      { isPrivateAllowed },
      {
        bytes: (found) => this.#bytes(topic, found),
        unreadable: (where, why) => this.#equality.unreadable(where, why),
      },
    );
    const receipts = this.#receiptsOf.get(`${target.consumer}/${topic}/${partition}`) ?? [];
    this.#receipts.add(target.consumer, topic, partition, receipts, evidence.digests);
    return evidence;
  }

  #keys(
    where: Pick<KeyHistory, 'topic' | 'partition' | 'kind'>,
    ops: ReadonlyMap<string, readonly Op[]>,
    events: ReadonlyMap<string, readonly LogEvent[]>,
  ): void {
    for (const key of new Set([...ops.keys(), ...events.keys()])) {
      const history: KeyHistory = { ...where, key, ops: ops.get(key) ?? [], events: events.get(key) ?? [] };
      const still = this.#restored.without(history);
      const alignment = history.ops.length > 0 ? alignKey(still) : null;
      if (history.events.length > 0) this.#order.add(history, alignment);
      if (alignment === null) continue;
      const isTakenBack = still.events.length < history.events.length;
      if ((isTakenBack || alignment.missing.length > 0) && history.ops.at(-1)?.op === 'q')
        this.#unknown.add(key).add((JSON.parse(key) as [string, string])[0]);
      this.#completeness.add(still, alignment, history.events.at(-1)?.kind !== 'upsert');
      this.#commitment.add(still, alignment, isTakenBack);
      this.#equality.add(still, alignment);
    }
  }

  #bytes(place: string, { where, opIds, canaries }: BytesFound): void {
    this.#equality.searched(place, where, canaries);
    for (const opId of opIds) this.#commitment.seen(opId, place, where);
  }

  /** Quarantine, which may hold what is private, and what consumers refused, which may hold nothing. */
  async #otherTopics(): Promise<void> {
    const { policy } = this.#options;
    for (const entry of policy) {
      if (entry.kind === 'dataset')
        await searchTopic(this.#reading, entry.quarantineTopic, { isPrivateAllowed: true }, (found) =>
          this.#bytes(entry.quarantineTopic, found),
        );
      if (entry.kind !== 'contract') continue;
      const topic = topicNames.rejected(agencySlug(entry.consumer));
      await searchTopic(this.#reading, topic, { isPrivateAllowed: false }, (found) => this.#bytes(topic, found));
    }
  }

  async #rowsOfTargets(): Promise<void> {
    const { backbone, policy, firstOp, targets } = this.#options;
    const { databases } = backbone;
    const contract = policy.find((entry) => entry.kind === 'contract');
    const table = contract?.kind === 'contract' ? contract.target.table : 'resident';
    const general = targetRows(targets.general.url, 'g01.population_resident', 'truc_row', firstOp);
    for await (const { key, left, right } of joinSorted(expectedRows(lastOps(databases.population, firstOp), 'rowHash'), general)) {
      if (!this.#unknown.has(key)) this.#equality.compare(targets.general.name, key, left, right?.hash ?? null);
    }
    // One code stands under one province at a time, so that a subscriber's rows are told apart by their codes.
    const expected = joinedByCode(expectedRows(lastOps(databases.population, firstOp), 'viewHash'));
    for await (const { key, left, right } of joinSorted(
      expected,
      targetRows(targets.subscriber.url, `shared.${table}`, 'truc_code', firstOp),
    )) {
      if (!this.#unknown.has(key)) this.#equality.compare(targets.subscriber.name, key, left, right?.hash ?? null);
    }
    for (const [target, isPrivateAllowed] of [
      [targets.general, true],
      [targets.subscriber, false],
    ] as const) {
      for await (const found of searchedRows(target.url, { isPrivateAllowed }))
        this.#bytes(target.name, { ...found, where: `${found.where} of ${target.name}` });
    }
    await this.#reconcileAll();
  }

  /** Every row, those of the demo included, as the backbone's own reconciliation compares them: beside the checker's own oracle, not in its place. */
  async #reconcileAll(): Promise<void> {
    const { backbone, policy, targets } = this.#options;
    const { databases } = backbone;
    const { datasets, contracts } = await reconcile({
      policy,
      sources: { population: databases.population, administrative: databases.administrative },
      generalDatabaseUrl: targets.general.url,
      targets: { social_insurance: targets.subscriber.url },
      viewSecret: backbone.viewSecret,
    });
    for (const { dataset, source, quarantined, equal } of datasets)
      this.#equality.reconciled(`source and general database of ${dataset} (${quarantined} rows refused)`, source.rows, equal);
    for (const { contract, source, equal } of contracts)
      this.#equality.reconciled(`source and subscriber of ${contract}`, source.rows, equal);
  }

  /** By `consumer/topic/partition`, in the order of their offsets. */
  async #readReceipts(): Promise<ReadonlyMap<string, readonly Receipt[]>> {
    const { reader, schemas, signal } = this.#reading;
    const byPlace = new Map<string, Receipt[]>();
    const partitions = (await reader.partitions(receiptsTopic)) ?? 0;
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const record of scanToEnd(reader, receiptsTopic, partition, -2n, signal)) {
        if (record.value === null) continue;
        const { value } = record;
        const decoded = await readable(
          record,
          async () => (await schemas.decode(value)) as Omit<Receipt, 'recordCount'> & { recordCount: bigint },
          { unreadable: (where, why) => this.#receipts.unreadable(where, why) },
        );
        if (decoded === null) continue;
        const receipt: Receipt = { ...decoded, recordCount: Number(decoded.recordCount) };
        const place = `${receipt.consumer}/${receipt.topic}/${receipt.partition}`;
        byPlace.set(place, [...(byPlace.get(place) ?? []), receipt]);
      }
    }
    return byPlace;
  }
}

const receiptsTopic = 'receipts';

/**
 * A view's records have keys of their own: which row they are of, their token says, or that a record of the dataset has the same position. Whether a delete is a
 * sweep's, only the dataset tells.
 */
function bySourceKey(
  events: ReadonlyMap<string, readonly LogEvent[]>,
  ops: ReadonlyMap<string, readonly Op[]>,
  dataset: ReadonlyMap<string, readonly LogEvent[]>,
): Map<string, readonly LogEvent[]> {
  const keyOfOp = new Map([...ops].flatMap(([key, known]) => known.map(({ opId }) => [opId, key] as const)));
  const originOf = new Map<string, { readonly key: string; readonly isSweep: boolean }>();
  for (const [key, known] of dataset)
    for (const event of known)
      if (event.place !== null && event.kind !== 'tombstone') originOf.set(placeOf(event), { key, isSweep: event.isSweep });
  const found = new Map<string, LogEvent[]>();
  for (const [viewKey, known] of events) {
    const key = known.map((event) => keyOfOp.get(event.opId ?? -1) ?? originOf.get(placeOf(event))?.key).find((one) => one !== undefined);
    const marked = known.map((event) => ({ ...event, isSweep: originOf.get(placeOf(event))?.isSweep ?? false }));
    found.set(key ?? viewKey, [...(found.get(key ?? viewKey) ?? []), ...marked]);
  }
  return found;
}

/** The same in a dataset and in its views; of sweeps, one position is of many rows. */
function placeOf({ place, kind, code }: LogEvent): string {
  return place === null ? '' : `${placeText(place)} ${kind} ${code}`;
}

interface ExpectedRow {
  readonly key: string;
  readonly hash: string;
  readonly opId: number;
}

async function* expectedRows(ops: AsyncIterable<Op>, hash: 'rowHash' | 'viewHash'): AsyncGenerator<ExpectedRow> {
  for await (const op of ops) {
    const expected = op[hash];
    if (expected !== null) yield { key: op.key, hash: expected, opId: op.opId };
  }
}

async function* joinedByCode(rows: AsyncIterable<ExpectedRow>): AsyncGenerator<ExpectedRow> {
  for await (const row of rows) {
    const code = (JSON.parse(row.key) as [string, string])[0];
    if (isCheckerCode(code)) yield { ...row, key: code };
  }
}
