import { checkLogHolds } from './acknowledged-log.js';
import { capturedResidents, tableName } from './captured-residents.test-data.js';
import { MemoryLog } from './memory-log.test-data.js';

describe('what was acknowledged of a log', () => {
  const capture = capturedResidents('short');
  const { topic, quarantineTopic } = capture.dataset;
  const tables = new Map([[tableName, capture]]);

  /** @param ends records and marks of each topic */
  async function check(ends: Readonly<Record<string, number>>, acknowledgedOffsets: Readonly<Record<string, bigint>>): Promise<void> {
    const log = new MemoryLog();
    const record = { partition: 0, key: Buffer.from('k'), value: null, headers: [], timestampMs: 0 };
    for (const [name, end] of Object.entries(ends))
      await log.writer().write(Array.from({ length: end }, () => ({ ...record, topic: name })));
    await checkLogHolds({ tables, reader: log.reader() }, { acknowledgedOffsets }, AbortSignal.timeout(30_000));
  }

  it('is held where the mark of the writer’s opening stands behind it, and where nothing was acknowledged', async () => {
    await check({ [topic]: 11, [quarantineTopic]: 4 }, { [`${topic}/0`]: 10n, [`${quarantineTopic}/0`]: 2n });
    await check({ [topic]: 11 }, {});
    await check({ [topic]: 11 }, { [`${topic}/0`]: 10n, 'a.topic.of.another.time/0': 5n });
  });

  it.each([topic, quarantineTopic])('is short where %s has lost its last record, which the mark then stands in place of', async (name) => {
    await expect(check({ [topic]: 11, [quarantineTopic]: 11, [name]: 10 }, { [`${name}/0`]: 10n })).rejects.toMatchObject({
      code: 'CAPTURE_LOG_SHORT',
      retry: false,
      message: expect.stringContaining(`${name}/0 ends at offset 10`) as string,
    });
  });

  it('is short where a topic was made anew', async () => {
    await expect(check({ [topic]: 1 }, { [`${topic}/0`]: 10n })).rejects.toMatchObject({ code: 'CAPTURE_LOG_SHORT' });
  });
});
