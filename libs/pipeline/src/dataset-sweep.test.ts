import { positionHeaders, positionOf } from '@truc/change-event';
import { comparePositions, type Position } from '@truc/kernel';
import fc from 'fast-check';
import { sweepDataset, type SweepCause } from './dataset-sweep.js';
import type { LogWriter } from './log.js';
import { MemoryLog } from './memory-log.test-data.js';

const topic = 'data.g01.x.v1';
const partitions = 2;
const at = (sequence: number, epoch = 1): Position => ({ epoch, sequence: BigInt(sequence), index: 0 });
const never = new AbortController().signal;

interface Operation {
  readonly key: number;
  readonly isDelete: boolean;
}

async function write(writer: LogWriter, { key, isDelete }: Operation, position: Position): Promise<void> {
  const record = { topic, partition: key % partitions, key: Buffer.from(`key ${key}`), headers: positionHeaders(position), timestampMs: 0 };
  const event = { ...record, value: Buffer.from(isDelete ? 'd' : `${position.sequence}`) };
  await writer.write(isDelete ? [event, { ...record, value: null }] : [event]);
}

const sweepAt = (position: Position, upTo = position, cause: SweepCause = 'truncate', spared: readonly string[] = []) => ({
  topic,
  partitions,
  cause,
  upTo,
  at: position,
  deletion: Buffer.from('d'),
  spared: new Set(spared),
  timestampMs: 0,
});

/** What compaction leaves, tombstones and delete events aside: the sequence of each key's last event. */
function rows(log: MemoryLog): Map<string, number> {
  const last = new Map<string, string | null>();
  for (let partition = 0; partition < partitions; partition += 1) {
    for (const { key, value } of log.records(topic, partition)) last.set(key.toString(), value?.toString() ?? null);
  }
  return new Map([...last].flatMap(([key, value]) => (value === null || value === 'd' ? [] : [[key, Number(value)]])));
}

/** Keys whose last record is a delete event that no tombstone follows. */
function unfinished(log: MemoryLog): string[] {
  const last = new Map<string, string | null>();
  for (let partition = 0; partition < partitions; partition += 1) {
    for (const { key, value } of log.records(topic, partition)) last.set(key.toString(), value?.toString() ?? null);
  }
  return [...last].filter(([, value]) => value === 'd').map(([key]) => key);
}

function expectedRows(operations: readonly Operation[], isTruncate: (index: number) => boolean): Map<string, number> {
  const expected = new Map<string, number>();
  operations.forEach(({ key, isDelete }, index) => {
    if (isTruncate(index)) expected.clear();
    else if (isDelete) expected.delete(`key ${key}`);
    else expected.set(`key ${key}`, index + 1);
  });
  return expected;
}

/** Whether every key's last record has the highest of the key's positions. */
function endsAtHighest(log: MemoryLog): boolean {
  const highest = new Map<string, Position>();
  const last = new Map<string, Position>();
  for (let partition = 0; partition < partitions; partition += 1) {
    for (const { key, headers } of log.records(topic, partition)) {
      const position = positionOf(headers);
      const known = highest.get(key.toString());
      if (known === undefined || comparePositions(position, known) > 0) highest.set(key.toString(), position);
      last.set(key.toString(), position);
    }
  }
  return [...last].every(([key, position]) => comparePositions(position, highest.get(key) ?? position) === 0);
}

const operation = fc.record({ key: fc.nat(5), isDelete: fc.boolean() });
/** A run that begins some way back, and is killed after so many records. */
const killedRun = fc.record({ back: fc.nat(8), records: fc.nat(30) });

describe('sweep of a dataset', () => {
  it('leaves exactly what came after the last truncate, whatever was killed and sent again before', async () => {
    const scenario = fc.record({
      operations: fc.array(operation, { minLength: 1, maxLength: 25 }),
      truncates: fc.uniqueArray(fc.nat(24), { maxLength: 3 }),
      killed: fc.array(killedRun, { maxLength: 4 }),
      bytesMax: fc.constantFrom(1, 400, 1_000_000),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ operations, truncates, killed, bytesMax }) => {
        const log = new MemoryLog();
        const isTruncate = (index: number) => truncates.includes(index);
        const run = async (from: number, writer: LogWriter): Promise<number> => {
          for (let index = from; index < operations.length; index += 1) {
            try {
              if (isTruncate(index)) await sweepDataset(sweepAt(at(index + 1)), { reader: log.reader(), writer, signal: never, bytesMax });
              else await write(writer, operations[index]!, at(index + 1));
            } catch {
              return index;
            }
          }
          return operations.length;
        };
        let stored = 0;
        for (const { back, records } of killed) {
          const reached = await run(stored, log.writer(records));
          stored = Math.max(stored, Math.min(operations.length, reached) - back);
        }
        await run(stored, log.writer());
        expect(rows(log)).toEqual(expectedRows(operations, isTruncate));
        expect(endsAtHighest(log)).toBe(true);
        expect(unfinished(log)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves alone what is known to be newer, although something old comes last', async () => {
    const log = new MemoryLog();
    for (const sequence of [1, 9, 2]) await write(log.writer(), { key: 0, isDelete: false }, at(sequence));
    await write(log.writer(), { key: 1, isDelete: false }, at(3));
    const swept = await sweepDataset(sweepAt(at(5)), { reader: log.reader(), writer: log.writer(), signal: never });
    expect(swept).toBe(1);
    expect(log.records(topic, 0)).toHaveLength(3);
    expect(rows(log)).toEqual(new Map([['key 0', 2]]));
  });

  it('removes what a former epoch left, whatever its sequence, and spares what quarantine holds', async () => {
    const log = new MemoryLog();
    for (const key of [0, 1, 2]) await write(log.writer(), { key, isDelete: false }, at(900));
    await write(log.writer(), { key: 1, isDelete: false }, at(7, 2));
    const sweep = sweepAt(at(8, 2), at(0, 2), 'snapshot', ['key 2']);
    expect(await sweepDataset(sweep, { reader: log.reader(), writer: log.writer(), signal: never })).toBe(1);
    expect(rows(log)).toEqual(
      new Map([
        ['key 1', 7],
        ['key 2', 900],
      ]),
    );
    // Another attempt, at the watermark of a later chunk, finds nothing left to do.
    expect(await sweepDataset({ ...sweep, at: at(9, 2) }, { reader: log.reader(), writer: log.writer(), signal: never })).toBe(0);
  });

  it('reads a partition several times where its keys are too many for the memory', async () => {
    const log = new MemoryLog();
    for (let key = 0; key < 400; key += 2) await write(log.writer(), { key, isDelete: false }, at(key + 1));
    const swept = await sweepDataset(sweepAt(at(1_000)), { reader: log.reader(), writer: log.writer(), signal: never, bytesMax: 10_000 });
    expect(swept).toBe(200);
    expect(log.scans).toBeGreaterThan(6);
    expect(rows(log).size).toBe(0);
  });

  it('writes nothing of a partition that it could not read to its end', async () => {
    const log = new MemoryLog();
    await write(log.writer(), { key: 0, isDelete: false }, at(1));
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const sweeping = sweepDataset(sweepAt(at(5)), { reader: log.reader(), writer: log.writer(), signal: stop.signal });
    await expect(sweeping).rejects.toThrow('stopped');
    expect(log.records(topic, 0)).toHaveLength(1);
  });

  it('spares a key only where the log ends with its highest event', async () => {
    const log = new MemoryLog();
    const writer = log.writer();
    await write(writer, { key: 0, isDelete: false }, at(1));
    await write(writer, { key: 1, isDelete: false }, at(1));
    // Sent again up to a point, and then given up: consumers have the delete.
    await write(writer, { key: 1, isDelete: true }, at(2));
    await write(writer, { key: 1, isDelete: false }, at(1));
    const sweep = sweepAt(at(9), at(5), 'snapshot', ['key 0', 'key 1']);
    expect(await sweepDataset(sweep, { reader: log.reader(), writer, signal: never })).toBe(1);
    expect([rows(log), endsAtHighest(log)]).toEqual([new Map([['key 0', 1]]), true]);
  });
});
