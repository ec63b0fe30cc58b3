import { TrucError } from '@truc/kernel';
import { CaptureFlow } from './capture-flow.js';
import type { ChangeSourceStart, SourceMessage } from './change-source.js';
import type { DatasetApart } from './dataset-apart.js';
import { MemoryLog } from './memory-log.test-data.js';
import type { RereadOutcome } from './row-rereads.js';
import { optionsOf, run, stateOf, telemetry } from './stopped-dataset-runs.test-data.js';
import { held, nameOf, published, relations, sound, SourceLog, unsound, type Choice } from './stopped-dataset.test-data.js';

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
    const judgement = 'quarantine,stop,stop';
    expect([held(log, 0), (await stateOf(log, source))?.judgedBy]).toEqual([
      ['["n"]', '["b"]'],
      { 'dancu.bang_0': judgement, 'dancu.bang_2': judgement },
    ]);
    await run(log, source, { choices: lenient });
    expect(source.rereads.at(-1)).toEqual([{ table: 'dancu.bang_0', keys: [['n'], ['b']] }]);
  });

  it('reads again what is held of the dataset that is stopped alone, at every start, and of the others once', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'n', null), sound(1, 'm', null)]);
    await run(log, source, { choices: ['stop', 'quarantine', 'stop'] });
    source.push([unsound(1, 'a', 1)]);
    const stopping: Choices = ['quarantine', 'stop', 'stop'];
    await run(log, source, { choices: stopping });
    await run(log, source, { choices: stopping });
    await run(log, source, { choices: stopping });
    const [first, second] = [0, 1].map((table) => ({ table: nameOf(table), keys: [[table === 0 ? 'n' : 'm']] }));
    expect(source.rereads).toEqual([[], [first, second], [second], [second]]);
    await run(log, source, { choices: ['quarantine', 'pass', 'stop'] });
    await run(log, source, { choices: ['quarantine', 'pass', 'stop'] });
    expect(source.rereads.slice(4)).toEqual([[first, second], []]);
  });

  it('asks again for what could not be read by its keys, stops nothing for it and says so', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'n', null), sound(1, 'm', null)]);
    await run(log, source, { choices: ['stop', 'stop', 'stop'] });
    source.push([sound(0, 'a', 1)]);
    const error = new TrucError('CAPTURE_NOT_PERMITTED', 'the table may not be read');
    const attempt = { choices: ['quarantine', 'stop', 'stop'] } as const;
    const options = optionsOf(log, source, attempt);
    const told: string[] = [];
    const outcomes: RereadOutcome[] = [];
    let apart: readonly DatasetApart[] = [];
    async function* stream(start: ChangeSourceStart): AsyncGenerator<SourceMessage> {
      yield { kind: 'unreadable', what: 'reread', table: nameOf(0), error };
      for await (const message of source.stream(start)) if (message.kind !== 'reread' || message.relation !== relations[0]) yield message;
    }
    const more = {
      tell: (dataset: string, sentence: string) => void told.push(`${dataset}: ${sentence}`),
      onReread: (outcome: RereadOutcome) => void outcomes.push(outcome),
      onApart: (datasets: readonly DatasetApart[]) => void (apart = datasets),
    };
    await new CaptureFlow({ ...options, ...more, source: { ...options.source, stream } }).run(AbortSignal.timeout(20_000));
    expect([published(log, 0), held(log, 0), apart]).toEqual([source.soundRows(0), ['["n"]'], []]);
    expect(told).toEqual([expect.stringMatching(/^population\.table-0: .*stays held: the table may not be read$/)]);
    expect(outcomes).toEqual([
      { table: nameOf(0), read: 0, released: 0, isLast: true, failure: error },
      { table: nameOf(1), read: 1, released: 0, isLast: true, failure: null },
    ]);
    await run(log, source, attempt);
    expect(source.rereads.at(-1)).toEqual([{ table: nameOf(0), keys: [['n']] }]);
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
