import { TrucError } from '@truc/kernel';
import type { SourceMessage } from '@truc/pipeline';
import type { SnapshotChunk } from './snapshot-reader.js';
import { TableSnapshots, type ChunkReading, type SnapshotTask } from './table-snapshots.js';
import { TouchedKeys } from './touched-keys.js';

const table = { table: 's.a', primaryKey: ['id'] };
const relation = { schema: 's', table: 'a', columns: [{ name: 'id', type: 'text', isKey: true }] };
const chunk: SnapshotChunk = {
  relation,
  keyIndexes: [0],
  rows: [['1']],
  snapshot: { xmin: 10n, xmax: 10n, inProgress: new Set() },
  isLast: true,
  rowsEstimated: 1,
  takenAtMs: 7,
};
const progress = { table: 's.a', lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };
const reread = (round: 1 | 2): SnapshotTask => ({ table, progress, reread: { keys: [['1']], round, isLast: true } });
const refused = new TrucError('CAPTURE_NOT_PERMITTED', 'not permitted');

/** Snapshots over this reader, and what came of the watermarks that were written. */
function snapshots(tasks: readonly SnapshotTask[], reading: Partial<ChunkReading>) {
  const came: (SourceMessage | null)[] = [];
  let sequence = 100n;
  const tables: TableSnapshots = new TableSnapshots(
    'run',
    tasks,
    {
      read: () => Promise.resolve(chunk),
      readKeys: () => Promise.resolve(chunk),
      emitWatermark: (id) => {
        came.push(tables.judge(id, (sequence += 1n)));
        return Promise.resolve();
      },
      ...reading,
    },
    new TouchedKeys(new Set(['s.a']), 5n, 1_000_000),
    { chunksAhead: 1, retryDelayMs: 1 },
    () => undefined,
  );
  return { tables, came };
}

describe('snapshots of tables', () => {
  it('reads a table as a whole whose rows it could not read by their keys, which it tells once', async () => {
    const { tables, came } = snapshots([reread(1), reread(2), { table, progress }], { readKeys: () => Promise.reject(refused) });
    await tables.read();
    expect(came).toMatchObject([{ kind: 'snapshot', rows: [['1']], progress: { done: true } }]);
    expect([tables.takeUnreadable(), tables.takeUnreadable()]).toEqual([
      { kind: 'unreadable', what: 'reread', table: 's.a', error: refused },
      null,
    ]);
  });

  it('leaves a table that it could not read as a whole', async () => {
    const { tables, came } = snapshots([{ table, progress }], { read: () => Promise.reject(refused) });
    await tables.read();
    expect([came, tables.takeUnreadable()]).toEqual([[], { kind: 'unreadable', what: 'snapshot', table: 's.a', error: refused }]);
  });

  it('ends with a watermark that cannot be written, for which its chunk would wait for ever', async () => {
    const { tables } = snapshots([{ table, progress }], { emitWatermark: () => Promise.reject(refused) });
    await expect(tables.read()).rejects.toBe(refused);
    expect(tables.hasUnreadable).toBe(false);
  });
});
