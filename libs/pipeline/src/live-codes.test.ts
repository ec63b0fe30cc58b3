import { encodeMasterDataKey, positionHeaders, type MasterDataKey } from '@truc/change-event';
import fc from 'fast-check';
import { LiveCodes } from './live-codes.js';
import { MemoryLog } from './memory-log.test-data.js';
import { restoreAllLiveCodes } from './restored-live-codes.js';
import { capturedResidents } from './captured-residents.test-data.js';

const key = (code: string, row: string): MasterDataKey => ({ scheme: 's', code, row });
const codes = ['1', '2', '3'];
const rows = ['["a"]', '["b"]', '["c"]'];
const step = fc.record({
  kind: fc.constantFrom('take' as const, 'free' as const),
  code: fc.constantFrom(...codes),
  row: fc.constantFrom(...rows),
});

describe('live codes', () => {
  it('know of every code whether another row has it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const live = new LiveCodes('d', 1_000_000);
        const model = new Map(codes.map((code) => [code, new Set<string>()]));
        for (const { kind, code, row } of steps) {
          live[kind](key(code, row));
          if (kind === 'take') model.get(code)?.add(row);
          else model.get(code)?.delete(row);
          for (const one of codes) {
            const holders = model.get(one) ?? new Set();
            for (const row of rows) expect(live.isTaken(key(one, row))).toBe(holders.size > 0 && !holders.has(row));
          }
        }
        expect(live.size).toBe([...model.values()].filter(({ size }) => size > 0).length);
      }),
    );
  });

  it('give back the memory of codes that are free, and stop by name where they need more', () => {
    const live = new LiveCodes('d', 1_000);
    const fill = (count: number) => {
      for (let number = 0; number < count; number++) live.take(key(String(number), '["a"]'));
    };
    for (let round = 0; round < 100; round++) {
      fill(5);
      for (let number = 0; number < 5; number++) live.free(key(String(number), '["a"]'));
    }
    fill(9);
    expect(() => fill(10)).toThrow(expect.objectContaining({ code: 'CAPTURE_CODES_TOO_MANY' }));
    live.clear();
    fill(9);
  });
});

describe('live codes after a restart', () => {
  const { dataset } = capturedResidents('t', { oneRowPerCode: true });
  const event = (sequence: bigint, of: MasterDataKey, value: string | null, epoch = 1) => ({
    mark: null,
    topic: dataset.topic,
    partition: 0,
    key: encodeMasterDataKey(of, 1),
    value: value === null ? null : Buffer.from(value),
    headers: positionHeaders({ epoch, sequence, index: 0 }),
    timestampMs: 0,
  });
  const tables = new Map([['dancu.cong_dan', { dataset }]]);
  const signal = new AbortController().signal;

  async function restored(log: MemoryLog, sequence: bigint, since: { epoch: number; sequence: bigint } | null = null, epoch = 1) {
    const snapshot = {
      table: 'dancu.cong_dan',
      topic: dataset.topic,
      mark: null,
      since,
      begins: since?.sequence ?? null,
      sweeps: since !== null,
      lastKey: null,
      rowsRead: 0,
      rowsEstimated: 0,
      done: since === null,
    };
    const all = await restoreAllLiveCodes(tables, [snapshot], () => ({ epoch, sequence }), { reader: log.reader(), signal });
    const live = all.get('dancu.cong_dan')!;
    return codes.filter((code) => live.isTaken(key(code, 'nobody')));
  }

  it('are those of the stored position: what was sent after it is sent again', async () => {
    const log = new MemoryLog();
    await log
      .writer()
      .write([
        event(10n, key('1', 'a'), 'c'),
        event(20n, key('2', 'b'), 'c'),
        event(30n, key('1', 'a'), 'd'),
        event(30n, key('1', 'a'), null),
        event(40n, key('3', 'c'), 'c'),
      ]);
    expect(await restored(log, 25n)).toEqual(['1', '2']);
    expect(await restored(log, 30n)).toEqual(['2']);
    expect(await restored(log, 99n)).toEqual(['2', '3']);
  });

  it('are not taken by rows that a snapshot under way has not found yet', async () => {
    const log = new MemoryLog();
    await log.writer().write([event(10n, key('1', 'a'), 'c'), event(20n, key('2', 'b'), 'c'), event(50n, key('3', 'c'), 'r', 2)]);
    expect(await restored(log, 60n, { epoch: 1, sequence: 20n }, 2)).toEqual(['3']);
    expect(await restored(log, 60n, null, 2)).toEqual(['1', '2', '3']);
  });

  it('are kept for no dataset that does not ask for it, or whose key is the code', async () => {
    const parts = { reader: new MemoryLog().reader(), signal };
    for (const more of [{}, { oneRowPerCode: true, keyIsCode: true }]) {
      const others = new Map([['t', { dataset: { ...capturedResidents('t').dataset, ...more } }]]);
      expect((await restoreAllLiveCodes(others, [], () => ({ epoch: 1, sequence: 0n }), parts)).size).toBe(0);
    }
  });
});
