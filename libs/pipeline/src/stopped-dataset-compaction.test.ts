import { clock } from './captured-residents.test-data.js';
import { MemoryLog } from './memory-log.test-data.js';
import { resolve, run, stateOf, telemetry, type Attempt } from './stopped-dataset-runs.test-data.js';
import { datasets, held, published, sound, SourceLog, unsound } from './stopped-dataset.test-data.js';

const dayMs = 86_400_000;
const stopping: Attempt = { choices: ['stop', 'stop', 'stop'] };
const mended: Attempt = { choices: ['quarantine', 'stop', 'stop'] };
const after = (days: number, attempt: Attempt): Attempt => ({ ...attempt, nowMs: clock.now() + days * dayMs });

describe('a dataset that is stopped for longer than what is replaced on the log is kept', () => {
  afterAll(() => telemetry.shutdown());

  it('has quarantine as it was where it stands, whatever it was stopped in the middle of', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1)]);
    source.push([sound(0, 'a', null)]);
    await run(log, source, stopping);
    source.push([sound(0, 'a', null), unsound(0, 'b', 3)]);
    await run(log, source, stopping);
    log.compact(datasets[0]!.quarantineTopic);
    await run(log, source, after(9, mended));
    source.clear();
    await run(log, source, after(9, mended));
    expect([published(log, 0), held(log, 0)]).toEqual([[], []]);
  });

  it('stops by name where it is not known any more which codes its rows had, until it is read anew', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    const ofCodes = (attempt: Attempt): Attempt => ({ ...attempt, oneRowPerCode: true });
    source.push([sound(0, 'a', 1)]);
    await run(log, source, ofCodes(stopping));
    source.push([sound(0, 'a', 2), unsound(0, 'b', 3), sound(1, 'a', 1)]);
    await run(log, source, ofCodes(stopping));
    await run(log, source, after(5, ofCodes(stopping)));
    expect((await stateOf(log, source))?.lags).toMatchObject([{ code: 'CAPTURE_RULE_STOP', sinceMs: clock.now() }]);
    for (const days of [7, 8]) {
      const { apart } = await run(log, source, after(days, ofCodes(mended)));
      expect(apart).toEqual([expect.objectContaining({ dataset: 'population.table-0', kind: 'stopped', code: 'CAPTURE_REPLAY_TOO_OLD' })]);
    }
    expect(published(log, 1)).toEqual(source.soundRows(1));
    await resolve(log, source, { dataset: 'population.table-0', code: 'CAPTURE_REPLAY_TOO_OLD' }, 'once');
    expect((await run(log, source, after(8, ofCodes(mended)))).apart).toEqual([]);
    expect([published(log, 0), held(log, 0)]).toEqual([source.soundRows(0), ['["b"]']]);
  });

  it('stops by name, too, where its process was away that long, and what it had left was not stored', async () => {
    for (const days of [5, 7]) {
      const log = new MemoryLog();
      const source = new SourceLog();
      source.push([sound(0, 'a', null)]);
      await run(log, source, mended);
      source.push([sound(0, 'n', null), sound(0, 'b', 2)]);
      await run(log, source, { ...mended, recordsUntilFailure: 2, storeEveryMs: 10_000 });
      const { apart } = await run(log, source, after(days, mended));
      expect(apart.map(({ code }) => code)).toEqual(days === 5 ? [] : ['CAPTURE_REPLAY_TOO_OLD']);
    }
  });
});
