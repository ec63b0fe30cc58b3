import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HistoryFile } from './history-file.js';

describe('the history of a run', () => {
  const directory = mkdtempSync(join(tmpdir(), 'checker-history-'));
  let history: HistoryFile;
  beforeEach(() => (history = new HistoryFile(join(directory, 'history.ndjson'), () => undefined)));
  afterEach(() => history.close());
  afterAll(() => rmSync(directory, { recursive: true }));

  const committed = (firstOp: number, startedAtMs: number) =>
    history.add({ kind: 'committed', writer: 0, startedAtMs, firstOp, numbers: 3, ops: 2 });

  it('knows when each operation was committed, in whatever order transactions were told', () => {
    for (const firstOp of [10, 1, 20, 13, 4]) committed(firstOp, firstOp);
    expect([0, 1, 3, 6, 7, 9, 10, 12, 15, 16, 20, 22, 23].map((opId) => history.spanOf(opId)?.firstOp ?? null)).toEqual([
      null,
      1,
      1,
      4,
      null,
      null,
      10,
      10,
      13,
      null,
      20,
      20,
      null,
    ]);
  });

  it('counts what was begun and committed while a fault lasted, and nothing else', async () => {
    committed(1, history.now());
    await new Promise((resolve) => setTimeout(resolve, 5));
    await history.during({ kind: 'kill', target: 'agent-g01' }, () => Promise.resolve());
    expect(history.transactionsDuringFaults).toBe(0);
    await history.during({ kind: 'kill', target: 'agent-g01' }, () => Promise.resolve(committed(4, history.now())));
    expect(history.transactionsDuringFaults).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    committed(7, history.now());
    expect(history.transactionsDuringFaults).toBe(1);
  });
});
