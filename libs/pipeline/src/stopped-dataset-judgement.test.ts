import { MemoryLog } from './memory-log.test-data.js';
import { run, stateOf, telemetry } from './stopped-dataset-runs.test-data.js';
import { held, published, sound, SourceLog, unsound, type Choice } from './stopped-dataset.test-data.js';

type Choices = readonly [Choice, Choice, Choice];

describe('what runs of different rules leave to each other', () => {
  afterAll(() => telemetry.shutdown());

  const kills = Array.from({ length: 20 }, (_, records) => records);

  it.each(kills)('forgets no published key, killed after %i records', async (first) => {
    for (const second of [2, 3, 5, 7, 9, 11, 13, Infinity]) {
      const log = new MemoryLog();
      const source = new SourceLog();
      const strict: Choices = ['quarantine', 'stop', 'stop'];
      source.push([sound(0, 'a', 1)]);
      await run(log, source, { choices: strict });
      source.push([unsound(0, 'b', 2), unsound(1, 'a', 1)]);
      source.push([sound(0, 'a', 3)]);
      source.push([unsound(0, 'c', 4)]);
      await run(log, source, { choices: ['pass', 'stop', 'stop'], recordsUntilFailure: first, storeEveryMs: 10_000 });
      await run(log, source, { choices: strict, recordsUntilFailure: second });
      await run(log, source, { choices: strict });
      source.clear();
      await run(log, source, { choices: ['quarantine', 'quarantine', 'stop'] });
      expect([second, published(log, 0), held(log, 0)]).toEqual([second, [], []]);
    }
  });

  it('has everything held read again that a run with a stopped dataset has judged by other rules', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    const lenient: Choices = ['pass', 'stop', 'stop'];
    source.push([sound(0, 'n', null)]);
    await run(log, source, { choices: lenient });
    source.push([unsound(0, 'b', 2), unsound(1, 'a', 1)]);
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    expect([held(log, 0), (await stateOf(log, source))?.judgedBy]).toEqual([['["n"]', '["b"]'], null]);
    await run(log, source, { choices: lenient });
    expect(source.rereads.at(-1)).toEqual([{ table: 'dancu.bang_0', keys: [['n'], ['b']] }]);
  });

  it.each(kills)('keeps in mind what was published beyond what stops a table, killed after %i records', async (records) => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1)]);
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    source.push([sound(0, 'a', 2), unsound(0, 'b', 2)]);
    source.push([unsound(0, 'c', 3)]);
    source.push([unsound(0, 'd', 4)]);
    await run(log, source, { choices: ['pass', 'stop', 'stop'], recordsUntilFailure: records, storeEveryMs: 10_000 });
    await run(log, source, { choices: ['stop', 'stop', 'stop'] });
    // What this run holds was published as it is by the first one, beyond what stopped the second.
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    source.clear();
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    expect([published(log, 0), held(log, 0)]).toEqual([[], []]);
  });
});
