import { TrucError } from '@truc/kernel';
import type { TargetBatch } from '@truc/pipeline';
import type { Session } from './session.js';

export interface Partition {
  readonly topic: string;
  readonly partition: number;
}

/** What one call does to one partition's offset: its batches in order, joined end to start. */
export interface OffsetStep extends Partition {
  readonly from: bigint;
  readonly next: bigint;
}

/** Nothing is stored yet: any first fetch is accepted. */
export const NOTHING_STORED = -2n;

const partitionName = ({ topic, partition }: Partition): string => `${topic}/${partition}`;

/** In one order everywhere, so that two processes that lock several rows never wait for each other in a circle. */
function inLockOrder<P extends Partition>(partitions: readonly P[]): P[] {
  return [...partitions].sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

/** @throws TrucError APPLY_BATCH_INVALID when two batches of a partition do not join, or one goes back */
export function offsetSteps(batches: readonly TargetBatch[]): OffsetStep[] {
  const steps = new Map<string, OffsetStep>();
  for (const { topic, partition, fetchedFrom, nextOffset } of batches) {
    const name = partitionName({ topic, partition });
    const before = steps.get(name);
    if (nextOffset < fetchedFrom || (before !== undefined && before.next !== fetchedFrom)) {
      throw new TrucError(
        'APPLY_BATCH_INVALID',
        `${name}: the batch from offset ${fetchedFrom} to ${nextOffset} does not follow ${before?.next ?? 'itself'}; batches of a partition come in order and without holes`,
      );
    }
    steps.set(name, { topic, partition, from: before?.from ?? fetchedFrom, next: nextOffset });
  }
  return inLockOrder([...steps.values()]);
}

/**
 * The offsets that a consumer keeps in the target database, and the fencing tokens under which this process may move them.
 *
 * Two processes of one consumer, of which the first was stopped and does not know it:
 * 1. A takes partition 0 under token 7 and stops; 2. B takes it under token 8 and applies up to offset 50;
 * 3. A wakes and applies its batch: the row it locks has token 8, so it rolls back and leaves (APPLY_FENCED).
 */
export class OffsetBook {
  readonly #consumer: string;
  readonly #tokens = new Map<string, bigint>();

  constructor(consumer: string) {
    this.#consumer = consumer;
  }

  /** Raises the tokens and remembers them once that is committed. Returns the stored next offsets in the order asked for. */
  async take(session: Session, partitions: readonly Partition[], nowMs: number): Promise<bigint[]> {
    const ordered = inLockOrder([...new Map(partitions.map((partition) => [partitionName(partition), partition])).values()]);
    const { rows } = await session.transaction(() =>
      session.query<{ topic: string; partition: number; next_offset: string; fencing_token: string }>(
        `INSERT INTO truc.offsets AS stored (consumer, topic, partition, next_offset, fencing_token, updated_at)
         SELECT $1, topic, partition, ${NOTHING_STORED}, 1, to_timestamp($4::double precision / 1000)
           FROM unnest($2::text[], $3::integer[]) WITH ORDINALITY AS asked (topic, partition, ordinal) ORDER BY ordinal
         ON CONFLICT (consumer, topic, partition) DO UPDATE SET fencing_token = stored.fencing_token + 1, updated_at = excluded.updated_at
         RETURNING topic, partition, next_offset, fencing_token`,
        [this.#consumer, ordered.map(({ topic }) => topic), ordered.map(({ partition }) => partition), nowMs],
      ),
    );
    const offsets = new Map<string, bigint>();
    for (const row of rows) {
      this.#tokens.set(partitionName(row), BigInt(row.fencing_token));
      offsets.set(partitionName(row), BigInt(row.next_offset));
    }
    return partitions.map((partition) => offsets.get(partitionName(partition)) ?? NOTHING_STORED);
  }

  /**
   * Locks the partitions' rows until the transaction ends and checks them.
   * @throws TrucError APPLY_FENCED, APPLY_OFFSET_MISMATCH
   */
  async lock(session: Session, steps: readonly OffsetStep[]): Promise<void> {
    const { rows } = await session.query<{ topic: string; partition: number; next_offset: string; fencing_token: string }>(
      `SELECT topic, partition, next_offset, fencing_token FROM truc.offsets
        WHERE consumer = $1 AND (topic, partition) IN (SELECT * FROM unnest($2::text[], $3::integer[]))
        ORDER BY topic, partition FOR UPDATE`,
      [this.#consumer, steps.map(({ topic }) => topic), steps.map(({ partition }) => partition)],
    );
    const stored = new Map(rows.map((row) => [partitionName(row), row]));
    for (const step of steps) {
      const name = partitionName(step);
      const row = stored.get(name);
      if (row === undefined || BigInt(row.fencing_token) !== this.#tokens.get(name)) {
        throw new TrucError(
          'APPLY_FENCED',
          `${name}: another process of ${this.#consumer} took this partition (or this one never did); nothing was written. Leave the partition to it, or take it again`,
        );
      }
      const next = BigInt(row.next_offset);
      if (next !== NOTHING_STORED && next !== step.from) {
        throw new TrucError(
          'APPLY_OFFSET_MISMATCH',
          `${name}: the batch was fetched from offset ${step.from}, the database continues at ${next}; nothing was written. Take the partition again and fetch from there`,
        );
      }
    }
  }

  /** Moves the offsets, in the transaction that holds their locks. */
  async advance(session: Session, steps: readonly OffsetStep[], nowMs: number): Promise<void> {
    await session.query(
      `UPDATE truc.offsets AS stored SET next_offset = step.next, updated_at = to_timestamp($5::double precision / 1000)
         FROM unnest($2::text[], $3::integer[], $4::bigint[]) AS step (topic, partition, next)
        WHERE stored.consumer = $1 AND stored.topic = step.topic AND stored.partition = step.partition`,
      [
        this.#consumer,
        steps.map(({ topic }) => topic),
        steps.map(({ partition }) => partition),
        steps.map(({ next }) => next.toString()),
        nowMs,
      ],
    );
  }
}
