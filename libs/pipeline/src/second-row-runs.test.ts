import { decodeMasterDataKey } from '@truc/change-event';
import { Telemetry } from '@truc/telemetry';
import { CaptureFlow } from './capture-flow.js';
import { capturedResidents, clock, codeOf, relation, row, sourceKey, tableName } from './captured-residents.test-data.js';
import type { SourceMessage, SourceRowChange } from './change-source.js';
import { MemoryLog } from './memory-log.test-data.js';

const insert = (id: string, code: number): SourceRowChange => ({ kind: 'insert', relation, index: 0, after: row(id, codeOf(code)) });
const remove = (id: string, code: number): SourceRowChange => ({
  kind: 'delete',
  relation,
  index: 0,
  before: row(id, codeOf(code)),
  beforeIsWhole: true,
});

describe('one row per code, from run to run', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const capture = capturedResidents('t', { oneRowPerCode: true });
  const { dataset } = capture;
  afterAll(() => telemetry.shutdown());

  /** One run over these transactions, each a sequence and its changes; the last one is cut off before its commit where `isCut`. */
  async function run(log: MemoryLog, transactions: readonly (readonly [bigint, ...SourceRowChange[]])[], isCut = false): Promise<void> {
    async function* stream(): AsyncGenerator<SourceMessage> {
      for (const [index, [sequence, ...changes]] of transactions.entries()) {
        yield { kind: 'begin', transactionId: String(sequence), sequence, committedAtMs: clock.now() };
        for (const change of changes) {
          yield { kind: 'rows', changes: [change] };
        }
        if (isCut && index === transactions.length - 1) throw new Error('the process ends here');
        yield { kind: 'commit', sequence };
      }
    }
    const flow = new CaptureFlow({
      sourceId: 'g01.population',
      connector: 'postgresql',
      slot: 'truc_population',
      source: { stream, acknowledge: () => {} },
      tables: new Map([[tableName, capture]]),
      release: 1,
      stateTopic: 't.state',
      quarantineSchemaIds: new Map([[dataset.name, 3]]),
      // What is acknowledged is not told: the marks that a broker leaves at an opening are not there to judge it by.
      openWriter: () => Promise.resolve({ ...log.writer(), endOffsets: () => new Map() }),
      reader: log.reader(),
      checkSource: () => Promise.resolve({ systemIdentifier: '1', timeline: 1 }),
      clock,
      telemetry,
      storeEveryMs: 1,
    });
    await flow.run(AbortSignal.timeout(20_000));
  }

  /** Codes that are published, by their rows. */
  function published(log: MemoryLog): Record<string, string[]> {
    const rows: Record<string, string[]> = {};
    const alive = new Map<string, boolean>();
    for (const { key, value } of log.records(dataset.topic, 0)) alive.set(key.toString('latin1'), value !== null);
    for (const [text, isAlive] of alive) {
      if (!isAlive) continue;
      const { code, row: id } = decodeMasterDataKey(Buffer.from(text, 'latin1')).key;
      (rows[code] ??= []).push(id);
    }
    return rows;
  }
  const held = (log: MemoryLog): string[] => {
    const last = new Map<string, boolean>();
    for (const { key, value } of log.records(dataset.quarantineTopic, 0)) last.set(key.toString(), value !== null);
    return [...last].flatMap(([key, isHeld]) => (isHeld ? [key] : []));
  };

  it('a later run knows the codes of an earlier one', async () => {
    const log = new MemoryLog();
    await run(log, [[10n, insert('a', 1), insert('b', 2)]]);
    await run(log, [[20n, insert('c', 1)]]);
    expect(published(log)).toEqual({ [codeOf(1)]: [sourceKey('a')], [codeOf(2)]: [sourceKey('b')] });
    expect(held(log)).toEqual([sourceKey('c')]);
    await run(log, [
      [30n, remove('a', 1)],
      [40n, insert('d', 1)],
    ]);
    expect(published(log)).toEqual({ [codeOf(1)]: [sourceKey('d')], [codeOf(2)]: [sourceKey('b')] });
  });

  it('a run that was cut off judges again as it did, by the codes of the stored position', async () => {
    const log = new MemoryLog();
    await run(log, [[10n, insert('a', 1)]]);
    // On the log and not stored: the first goes and another takes its code.
    await expect(run(log, [[20n, remove('a', 1), insert('b', 1)]], true)).rejects.toThrow('the process ends here');
    expect(published(log)).toEqual({ [codeOf(1)]: [sourceKey('b')] });
    await run(log, [
      [20n, remove('a', 1), insert('b', 1)],
      [30n, insert('c', 1)],
    ]);
    expect(published(log)).toEqual({ [codeOf(1)]: [sourceKey('b')] });
    expect(held(log)).toEqual([sourceKey('c')]);
  });

  it('a row that waits for the commit is written before the position is stored', async () => {
    const log = new MemoryLog();
    await run(log, [[10n, insert('a', 1)]]);
    await run(log, [[20n, insert('b', 1), remove('a', 1)]]);
    expect(published(log)).toEqual({ [codeOf(1)]: [sourceKey('b')] });
    await run(log, [[30n, insert('c', 1)]]);
    expect(held(log)).toEqual([sourceKey('c')]);
  });

  it('an emptied table has no codes', async () => {
    const log = new MemoryLog();
    await run(log, [
      [10n, insert('a', 1)],
      [20n, insert('b', 1), { kind: 'truncate', relation, index: 1 }, insert('c', 1)],
    ]);
    expect(published(log)).toEqual({ [codeOf(1)]: [sourceKey('c')] });
    expect(held(log)).toEqual([]);
  });
});
