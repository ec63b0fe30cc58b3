import fc from 'fast-check';
import type { LogRecord } from '@truc/pipeline';
import { PartitionQueue, UNACKNOWLEDGED_BATCHES_MAX, type SealedBatch } from './partition-queue.js';
import { batchLayout } from './record-batch.js';
import { recordsOf, storedBatches } from './stored-batch.js';

const place = { topic: 't', partition: 0 };
const identity = { producerId: 1n, producerEpoch: 0 };
const record = (n: number): LogRecord => ({ ...place, key: Buffer.from(String(n)), value: null, headers: [], timestampMs: 0 });

/** A leader as an idempotent producer meets it: appends only the next sequence, and recognises the last five batches. */
class Leader {
  readonly log: string[] = [];
  #next = 0;
  #last: { sequence: number; offset: bigint }[] = [];

  produce(batch: Buffer): { kind: 'ok'; baseOffset: bigint } | { kind: 'out of order' } {
    const sequence = batch.readInt32BE(batchLayout.baseSequence);
    const known = this.#last.find((other) => other.sequence === sequence);
    if (known) return { kind: 'ok', baseOffset: known.offset };
    if (sequence !== this.#next) return { kind: 'out of order' };
    const records = storedBatches(batch, place).flatMap((stored) => recordsOf(stored, place, 0n, 1 << 20));
    const offset = BigInt(this.log.length);
    for (const { key } of records) this.log.push(key.toString());
    this.#next += records.length;
    this.#last = [...this.#last, { sequence, offset }].slice(-5);
    return { kind: 'ok', baseOffset: offset };
  }
}

describe('partition queue', () => {
  it('delivers everything once and in order, whatever requests and answers are lost, as long as some get through', () => {
    const step = fc.record({
      what: fc.oneof(
        { weight: 3, arbitrary: fc.constant('add' as const) },
        { weight: 3, arbitrary: fc.constant('send' as const) },
        { weight: 1, arbitrary: fc.constant('send and lose it' as const) },
        { weight: 3, arbitrary: fc.constant('answer' as const) },
        { weight: 1, arbitrary: fc.constant('lose answer' as const) },
        { weight: 2, arbitrary: fc.constant('resume' as const) },
      ),
      // Answers come in any order: the batches may have gone to different brokers.
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const queue = new PartitionQueue(place, 150);
        const leader = new Leader();
        const inFlight: { batch: SealedBatch; result: ReturnType<Leader['produce']> | null }[] = [];
        let added = 0;
        const send = (lost: boolean) => {
          const batch = queue.next(identity, 0, true);
          if (batch) inFlight.push({ batch, result: lost ? null : leader.produce(batch.bytes) });
          expect(queue.unacknowledgedBatches).toBeLessThanOrEqual(UNACKNOWLEDGED_BATCHES_MAX);
        };
        const answer = (which: number, lost: boolean) => {
          const [answered] = inFlight.splice(which % Math.max(inFlight.length, 1), 1);
          if (!answered) return;
          const { batch, result } = answered;
          if (result === null || lost) return queue.sendAgain(batch);
          if (result.kind === 'ok') queue.acknowledge(batch, result.baseOffset);
          else {
            // The owner takes this for fatal unless an earlier batch is missing.
            expect(queue.isOvertaken(batch)).toBe(true);
            queue.sendAgain(batch);
          }
        };
        for (const { what, which } of steps) {
          switch (what) {
            case 'add':
              queue.add(record(added++));
              break;
            case 'send':
              send(false);
              break;
            case 'send and lose it':
              send(true);
              break;
            case 'answer':
              answer(which, false);
              break;
            case 'lose answer':
              answer(which, true);
              break;
            case 'resume':
              queue.resume();
              break;
          }
        }
        for (let i = 0; i < 4 * (added + 10); i++) {
          queue.resume();
          send(false);
          answer(0, false);
        }
        expect(leader.log).toEqual(Array.from({ length: added }, (_, i) => String(i)));
        expect(queue.acknowledged).toBe(added);
        expect(queue.endOffset).toBe(added === 0 ? null : BigInt(added));
        expect(queue.sendableBytes(true)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('accounts for every buffered byte', () => {
    const queue = new PartitionQueue(place, 200);
    let buffered = 0;
    for (let i = 0; i < 50; i++) buffered += queue.add(record(i));
    for (let batch = queue.next(identity, 0, true); batch; batch = queue.next(identity, 0, true)) buffered -= queue.acknowledge(batch, 0n);
    expect(buffered).toBe(0);
  });

  it('seals nothing while it drains, but sends again what was sealed', () => {
    const queue = new PartitionQueue(place, 1000);
    queue.add(record(0));
    const batch = queue.next(identity, 0, true)!;
    queue.add(record(1));
    queue.sendAgain(batch);
    queue.resume();
    expect(queue.next(identity, 0, false)).toBe(batch);
    expect(queue.next(identity, 0, false)).toBeNull();
  });
});
