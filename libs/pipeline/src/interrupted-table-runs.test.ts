import { TrucError } from '@truc/kernel';
import { codeOf } from './captured-residents.test-data.js';
import { CaptureFlow } from './capture-flow.js';
import type { ChangeSourceStart, SourceMessage } from './change-source.js';
import type { DatasetApart } from './dataset-apart.js';
import { MemoryLog } from './memory-log.test-data.js';
import { optionsOf, run, stateOf, telemetry, type Attempt } from './stopped-dataset-runs.test-data.js';
import { everPublished, events, held, nameOf, published, sound, SourceLog, unsound } from './stopped-dataset.test-data.js';

/** `[a] 1` with the code that the number stands for. */
const withCode = (text: string): string => text.replace(/ (\d+)$/, (_, number: string) => ` ${codeOf(Number(number))}`);

const attempt: Attempt = { choices: ['quarantine', 'quarantine', 'quarantine'] };

describe('a table that its source did not publish for a while', () => {
  afterAll(() => telemetry.shutdown());

  it('is read anew, by name, and what went meanwhile is deleted, also of what the stream has yet to carry', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1), sound(0, 'b', 2), unsound(0, 'c', 3), sound(1, 'a', 1)]);
    await run(log, source, attempt);
    // Still in the stream when nobody reads it.
    source.push([sound(0, 'd', 4)]);
    source.unpublish(0);
    source.push([
      { table: 0, row: 'a', version: null },
      { table: 0, row: 'd', version: null },
      { table: 0, row: 'c', version: null },
      sound(0, 'e', 5),
    ]);
    source.republish(0);
    source.push([sound(0, 'f', 6), sound(1, 'b', 2)]);
    const told: string[] = [];
    const tell = (dataset: string, sentence: string): void => void told.push(`${dataset}: ${sentence}`);
    const others = events(log, 1).length;
    await new CaptureFlow({ ...optionsOf(log, source, attempt), tell }).run(AbortSignal.timeout(20_000));
    expect([published(log, 0), held(log, 0), published(log, 1)]).toEqual([source.rows(0), [], source.rows(1)]);
    expect(told).toEqual([expect.stringMatching(/^population\.table-0: .*after position 1\/26 may not have been published/)]);
    expect((await stateOf(log, source))?.gaps).toMatchObject([
      { code: 'CAPTURE_TABLE_INTERRUPTED', dataset: 'population.table-0', sequence: 26n, resolution: { by: 'agent', epoch: 1 } },
    ]);
    // The other is not read again, and it is done once.
    expect(events(log, 1).length).toBe(others + 1);
    await run(log, source, attempt);
    expect((await stateOf(log, source))?.gaps).toHaveLength(1);
  });

  it('is stopped while it is not published, and needs nobody to go on', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1), sound(1, 'a', 1)]);
    await run(log, source, attempt);
    source.unpublish(0);
    source.push([sound(0, 'b', 2), sound(1, 'b', 2)]);
    const options = optionsOf(log, source, attempt);
    let apart: readonly DatasetApart[] = [];
    async function* stream(start: ChangeSourceStart): AsyncGenerator<SourceMessage> {
      const error = new TrucError('CAPTURE_TABLE_NOT_PUBLISHED', 'the publication does not hold it');
      yield { kind: 'unreadable', what: 'snapshot', table: nameOf(0), error };
      yield* source.stream(start);
    }
    await new CaptureFlow({ ...options, source: { ...options.source, stream }, onApart: (all) => (apart = all) }).run(
      AbortSignal.timeout(20_000),
    );
    expect([apart, published(log, 1)]).toEqual([[expect.objectContaining({ code: 'CAPTURE_TABLE_NOT_PUBLISHED' })], source.rows(1)]);
    source.republish(0);
    expect((await run(log, source, attempt)).apart).toEqual([]);
    expect([published(log, 0), source.confirmed]).toEqual([source.rows(0), source.end]);
  });

  it('is begun again from the same place by a run that was killed, wherever that was', async () => {
    for (let records = 0; records < 16; records += 1) {
      const log = new MemoryLog();
      const source = new SourceLog();
      source.push([sound(0, 'a', 1), sound(0, 'b', 2)]);
      await run(log, source, attempt);
      source.push([sound(0, 'd', 4)]);
      source.unpublish(0);
      source.push([{ table: 0, row: 'a', version: null }, { table: 0, row: 'd', version: null }, unsound(0, 'e', 5)]);
      source.republish(0);
      source.push([sound(0, 'f', 6)]);
      await run(log, source, { ...attempt, recordsUntilFailure: records });
      source.push([{ table: 0, row: 'b', version: null }]);
      await run(log, source, attempt);
      expect([records, published(log, 0), held(log, 0)]).toEqual([records, source.soundRows(0), ['["e"]']]);
      source.clear();
      await run(log, source, attempt);
      expect([records, published(log, 0), held(log, 0)]).toEqual([records, [], []]);
    }
  });

  it('publishes what the stream still has where rows moved alone, wherever a run was killed, and stays stopped where it was', async () => {
    for (const isStopped of [false, true]) {
      for (let records = 0; records < 40; records += 1) {
        const log = new MemoryLog();
        const source = new SourceLog();
        source.movesRows = true;
        source.push([sound(0, 'a', 1), sound(0, 'b', 2)]);
        await run(log, source, attempt);
        source.push([isStopped ? unsound(0, 'c', 3) : sound(0, 'c', 3)]);
        const choices = ['stop', 'quarantine', 'quarantine'] as const;
        if (isStopped) await run(log, source, { choices });
        source.push([sound(0, 'a', 4), sound(0, 'd', 5)]);
        source.push([sound(0, 'd', 6), sound(0, 'b', 7), sound(0, 'c', 8)]);
        source.unpublish(0);
        source.push([{ table: 0, row: 'a', version: null }, { table: 0, row: 'd', version: null }, unsound(0, 'e', 9)]);
        source.republish(0);
        source.push([sound(0, 'f', 10), sound(0, 'b', 11)]);
        if (isStopped) expect((await run(log, source, { choices })).apart).toHaveLength(1);
        await run(log, source, { ...attempt, recordsUntilFailure: records });
        source.push([{ table: 0, row: 'b', version: null }]);
        await run(log, source, attempt);
        const place = { isStopped, records };
        expect({ ...place, rows: published(log, 0), held: held(log, 0) }).toEqual({ ...place, rows: source.soundRows(0), held: ['["e"]'] });
        const ever = [...everPublished(log, 0)].map((one) => one.replace(/"/g, ''));
        const all = ['[a] 1', '[a] 4', '[b] 2', '[b] 7', '[b] 11', '[c] 8', '[d] 5', '[d] 6', '[f] 10', ...(isStopped ? [] : ['[c] 3'])];
        expect({ ...place, ever }).toEqual({ ...place, ever: expect.arrayContaining(all.map(withCode)) as string[] });
      }
    }
  });

  it('what was kept for one that is stopped and not captured into its topic any more is named', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1)]);
    await run(log, source, attempt);
    source.push([unsound(0, 'b', 2)]);
    await run(log, source, { choices: ['stop', 'quarantine', 'quarantine'] });
    const options = optionsOf(log, source, attempt);
    const told: string[] = [];
    const tables = new Map([...options.tables].filter(([table]) => table !== nameOf(0)));
    await new CaptureFlow({ ...options, tables, tell: (dataset) => void told.push(dataset) }).run(AbortSignal.timeout(20_000));
    expect(told).toEqual(['population.table-0']);
    expect(await stateOf(log, source)).toMatchObject({
      lags: [],
      gaps: [
        {
          code: 'CAPTURE_RULE_STOP',
          dataset: 'population.table-0',
          reason: expect.stringContaining('not published there') as string,
          resolution: { by: 'policy' },
        },
      ],
    });
  });
});
