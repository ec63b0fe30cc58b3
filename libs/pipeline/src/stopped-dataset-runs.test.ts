import { TrucError } from '@truc/kernel';
import fc from 'fast-check';
import { CaptureFlow } from './capture-flow.js';
import { openDatasetGaps, type CaptureGap } from './capture-gap.js';
import { codeOf, row } from './captured-residents.test-data.js';
import type { ChangeSourceStart, SourceMessage } from './change-source.js';
import type { DatasetApart } from './dataset-apart.js';
import { MemoryLog } from './memory-log.test-data.js';
import { optionsOf, resolve, run, stateOf, telemetry, type Attempt } from './stopped-dataset-runs.test-data.js';
import {
  datasets,
  events,
  held,
  ids,
  nameOf,
  published,
  relations,
  sound,
  SourceLog,
  unsound,
  type Choice,
} from './stopped-dataset.test-data.js';

describe('datasets of one source that stop by themselves', () => {
  afterAll(() => telemetry.shutdown());

  it('hold the slot while the others stream on, and go on from there when they are mended', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    const allStop: Attempt = { choices: ['stop', 'stop', 'stop'] };
    source.push([sound(0, 'a', 1), sound(1, 'a', 1)]);
    source.push([sound(0, 'b', 2), unsound(0, 'a', 3), sound(1, 'b', 2)]);
    source.push([sound(0, 'c', 4), sound(2, 'a', 1)]);
    const { apart } = await run(log, source, allStop);
    expect(apart).toEqual([
      expect.objectContaining({ dataset: 'population.table-0', kind: 'stopped', code: 'CAPTURE_RULE_STOP', heldBytes: 33 }),
    ]);
    expect(source.confirmed).toBe(13n);
    expect([published(log, 1), published(log, 2)]).toEqual([source.soundRows(1), source.soundRows(2)]);
    // Another attempt changes nothing: it stops again, and sends nothing twice to the others.
    const before = events(log, 1).length;
    await run(log, source, allStop);
    expect([source.confirmed, events(log, 1).length]).toEqual([13n, before]);

    expect((await run(log, source, { choices: ['quarantine', 'stop', 'stop'] })).apart).toEqual([]);
    expect([source.starts, source.confirmed]).toEqual([[0n, 13n, 13n], source.end]);
    expect([published(log, 0), held(log, 0)]).toEqual([
      [`["a"] ${codeOf(1)} Số 1`, `["b"] ${codeOf(2)} Số 1`, `["c"] ${codeOf(4)} Số 1`],
      ['["a"]'],
    ]);
    expect(events(log, 1)).toHaveLength(before);
    expect(await stateOf(log, source)).toMatchObject({ sequence: source.end, lags: [], gaps: [] });
  });

  it('past the limit have a gap of their own, which a snapshot of their table ends', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    const within: Attempt = { choices: ['stop', 'stop', 'stop'] };
    source.push([sound(0, 'a', 1), sound(0, 'b', 2), sound(1, 'a', 1)]);
    source.push([unsound(0, 'a', 3)]);
    source.push([{ table: 0, row: 'b', version: null }, sound(1, 'b', 2)]);
    await run(log, source, { ...within, heldLogBytesMax: 32 });
    const stored = await stateOf(log, source);
    expect(stored).toMatchObject({
      epoch: 1,
      lags: [],
      gaps: [{ code: 'CAPTURE_HOLD_EXCEEDED', dataset: 'population.table-0', sequence: 13n, resolution: null }],
    });
    expect(source.confirmed).toBe(source.end);
    source.push([sound(0, 'a', 1), sound(1, 'c', 3)]);
    const { apart } = await run(log, source, within);
    expect(apart).toEqual([expect.objectContaining({ dataset: 'population.table-0', kind: 'gap', heldBytes: null })]);
    expect([published(log, 1), published(log, 0)]).toEqual([source.soundRows(1), [`["a"] ${codeOf(1)} Số 1`, `["b"] ${codeOf(2)} Số 1`]]);

    const [gap] = openDatasetGaps(stored!.gaps);
    await expect(resolve(log, source, { ...gap!, code: 'CAPTURE_LOG_SHORT' }, 'x')).rejects.toMatchObject({ code: 'CAPTURE_GAP_DIFFERS' });
    await resolve(log, source, gap!, 'once');
    await resolve(log, source, gap!, 'once');
    await expect(resolve(log, source, gap!, 'twice')).rejects.toMatchObject({ code: 'CAPTURE_GAP_NONE' });
    await run(log, source, within);
    // "b" went while nobody looked.
    expect(published(log, 0)).toEqual(source.soundRows(0));
    expect(await stateOf(log, source)).toMatchObject({ epoch: 1, lags: [], gaps: [{ resolution: { by: 'test', commandId: 'once' } }] });
  });

  it('can be given up before the limit is passed', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    const attempt: Attempt = { choices: ['stop', 'stop', 'stop'] };
    source.push([sound(0, 'a', 1)]);
    source.push([unsound(0, 'a', 1)]);
    source.push([sound(0, 'a', 2)]);
    await run(log, source, attempt);
    await resolve(log, source, { dataset: 'population.table-0', code: 'CAPTURE_RULE_STOP' }, 'once');
    expect((await run(log, source, attempt)).apart).toEqual([]);
    expect([published(log, 0), source.confirmed]).toEqual([source.soundRows(0), source.end]);
  });

  it('are stopped by rows that their mapping does not fit, which name no column that it needs', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    const attempt: Attempt = { choices: ['quarantine', 'quarantine', 'quarantine'] };
    const renamed = {
      ...relations[0]!,
      columns: relations[0]!.columns.map((one) => (one.name === 'dia_chi' ? { ...one, name: 'noi_o' } : one)),
    };
    source.push([sound(1, 'a', 1)]);
    const options = optionsOf(log, source, attempt);
    async function* stream(start: ChangeSourceStart): AsyncGenerator<SourceMessage> {
      for await (const message of source.stream({ ...start, snapshots: [] })) {
        if (message.kind !== 'rows') yield message;
        else
          yield {
            kind: 'rows',
            changes: [{ kind: 'insert', relation: renamed, index: 0, after: row('z', codeOf(9)) }, ...message.changes],
          };
      }
    }
    let apart: readonly DatasetApart[] = [];
    const flow = new CaptureFlow({ ...options, source: { ...options.source, stream }, onApart: (datasets) => (apart = datasets) });
    await flow.run(AbortSignal.timeout(20_000));
    expect(apart).toEqual([expect.objectContaining({ dataset: 'population.table-0', code: 'MAPPING_COLUMN_MISSING' })]);
    expect(published(log, 1)).toEqual(source.soundRows(1));
  });

  it('leave nothing behind of what was published until they stopped, and is refused when it comes again', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1)]);
    await run(log, source, { choices: ['code-stop', 'stop', 'stop'] });
    source.push([unsound(0, 'b', 2), sound(0, 'c', null), unsound(0, 'd', 3)]);
    await run(log, source, { choices: ['code-stop', 'stop', 'stop'] });
    expect(published(log, 0)).toEqual(source.rows(0).slice(0, 2));
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    expect(held(log, 0)).toEqual(['["b"]', '["c"]', '["d"]']);
    expect(published(log, 0)).toEqual(source.rows(0).slice(0, 2));
    source.clear();
    const before = events(log, 0).length;
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    expect([published(log, 0), held(log, 0)]).toEqual([[], []]);
    // Nobody deletes what was never published: "c" and "d".
    expect(events(log, 0)).toHaveLength(before + 4);
  });

  it('are not given up while the others are not past what stopped them', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    const attempt: Attempt = { choices: ['stop', 'stop', 'stop'] };
    source.push([sound(0, 'a', 1)]);
    await run(log, source, attempt);
    source.push([sound(0, 'b', 2), unsound(0, 'c', 3)]);
    const options = optionsOf(log, source, attempt);
    async function* stream(start: ChangeSourceStart): AsyncGenerator<SourceMessage> {
      for await (const message of source.stream(start)) {
        if (message.kind === 'commit') return;
        yield message;
      }
    }
    await new CaptureFlow({ ...options, source: { ...options.source, stream } }).run(AbortSignal.timeout(20_000));
    const resolution = { dataset: 'population.table-0', code: 'CAPTURE_RULE_STOP' };
    await expect(resolve(log, source, resolution, 'once')).rejects.toMatchObject({ code: 'CAPTURE_GAP_EARLY', retry: true });
    await run(log, source, attempt);
    await resolve(log, source, resolution, 'once');
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    expect([published(log, 0), held(log, 0)]).toEqual([source.soundRows(0), ['["c"]']]);
  });

  it('are not given up while the others are not past what any run has sent of them', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1)]);
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    source.push([unsound(0, 'b', 2)]);
    source.push([sound(1, 'a', 1)]);
    source.push([unsound(0, 'c', 3)]);
    /** Ends behind so many transactions. */
    const cut = async (attempt: Attempt, transactions: number, error: Error | null): Promise<void> => {
      const options = optionsOf(log, source, attempt);
      async function* stream(start: ChangeSourceStart): AsyncGenerator<SourceMessage> {
        let left = transactions;
        for await (const message of source.stream(start)) {
          yield message;
          if (message.kind !== 'commit' || --left > 0) continue;
          if (error !== null) throw error;
          return;
        }
      }
      await new CaptureFlow({ ...options, source: { ...options.source, stream } }).run(AbortSignal.timeout(20_000));
    };
    await expect(cut({ choices: ['pass', 'stop', 'stop'], storeEveryMs: 10_000 }, 3, new Error('killed'))).rejects.toThrow('killed');
    await cut({ choices: ['stop', 'stop', 'stop'] }, 2, null);
    expect(await stateOf(log, source)).toMatchObject({ sequence: 43n, lags: [{ stoppedAt: { sequence: 50n, index: 1 } }] });
    const resolution = { dataset: 'population.table-0', code: 'CAPTURE_RULE_STOP' };
    await expect(resolve(log, source, resolution, 'once')).rejects.toMatchObject({ code: 'CAPTURE_GAP_EARLY', retry: true });
    await run(log, source, { choices: ['stop', 'stop', 'stop'] });
    await resolve(log, source, resolution, 'once');
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    source.clear();
    await run(log, source, { choices: ['quarantine', 'stop', 'stop'] });
    expect([published(log, 0), held(log, 0)]).toEqual([[], []]);
  });

  it('are asked for nothing once they are given up, and what the source says of their tables stops nothing', async () => {
    const log = new MemoryLog();
    const source = new SourceLog();
    source.push([sound(0, 'a', 1)]);
    await run(log, source, { choices: ['stop', 'quarantine', 'quarantine'] });
    source.push([unsound(0, 'b', 2)]);
    source.push([sound(1, 'a', 1)]);
    source.push([sound(1, 'b', 2)]);
    const left: string[] = [];
    const error = new TrucError('CAPTURE_NOT_PERMITTED', 'the table may not be read');
    const attempt: Attempt = { choices: ['stop', 'quarantine', 'quarantine'], heldLogBytesMax: 5 };
    const options = optionsOf(log, source, attempt);
    async function* stream(start: ChangeSourceStart): AsyncGenerator<SourceMessage> {
      yield* source.stream(start);
      while (left.length === 0) await new Promise((resolve) => setImmediate(resolve));
      yield { kind: 'unreadable', what: 'snapshot', table: nameOf(0), error };
    }
    const leaveTable = (table: string): void => void left.push(table);
    await new CaptureFlow({ ...options, source: { ...options.source, stream, leaveTable } }).run(AbortSignal.timeout(20_000));
    expect([left, openDatasetGaps((await stateOf(log, source))!.gaps)]).toMatchObject([
      [nameOf(0)],
      [{ code: 'CAPTURE_HOLD_EXCEEDED', dataset: 'population.table-0' }],
    ]);
    const rereads = [0, 1].map((table) => ({ table: nameOf(table), keys: [['b']] }));
    await new CaptureFlow({ ...options, rereads }).run(AbortSignal.timeout(20_000));
    expect(source.rereads.at(-1)).toEqual([rereads[1]]);
  });

  const version = fc.record({ code: fc.constantFrom(1, 2, 2, null), isSound: fc.boolean() });
  const change = fc.record({ table: fc.constantFrom(...ids), row: fc.constantFrom('a', 'b'), version: fc.option(version, { freq: 4 }) });
  const truncate = fc.record({ table: fc.constantFrom(...ids) });
  const operation = fc.oneof({ weight: 8, arbitrary: change }, { weight: 1, arbitrary: truncate });
  const choices = fc.tuple(...ids.map(() => fc.constantFrom<Choice>('stop', 'stop', 'quarantine', 'pass', 'code-stop')));
  const step = fc.record({
    transactions: fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
    choices,
    heldLogBytesMax: fc.constantFrom(1_000_000, 1_000_000, 30),
    /** Tables that are not published while the transaction of the same place is committed; none for 3. */
    outages: fc.array(fc.constantFrom(...ids, 3, 3, 3, 3, 3, 3), { maxLength: 4 }),
    /** Committed while the run streams. */
    late: fc.array(operation, { maxLength: 3 }),
    recordsUntilFailure: fc.option(fc.nat(25), { freq: 2 }),
    resolves: fc.boolean(),
  });

  it('end equal to their tables, in whatever order they stop, are mended, given up, and runs are killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.constantFrom<Choice>('quarantine', 'pass'),
        fc.boolean(),
        async (steps, choice, oneRowPerCode) => {
          const log = new MemoryLog();
          const source = new SourceLog();
          let commands = 0;
          // What comes before a source is captured at all is in its snapshots.
          await run(log, source, { choices: [choice, choice, choice], oneRowPerCode });
          const open = async (): Promise<(CaptureGap & { readonly dataset: string })[]> =>
            openDatasetGaps((await stateOf(log, source))?.gaps ?? []);
          for (const { transactions, outages, late, resolves, recordsUntilFailure, ...attempt } of steps) {
            for (const [place, one] of transactions.entries()) {
              const out = outages[place] ?? 3;
              if (out < 3) source.unpublish(out);
              source.push(one);
              if (out < 3) source.republish(out);
            }
            source.late = late;
            const gapsBefore = await open();
            const { isWhole } = await run(log, source, {
              ...attempt,
              oneRowPerCode,
              ...(recordsUntilFailure === null ? {} : { recordsUntilFailure }),
            });
            const state = await stateOf(log, source);
            // A gap is named exactly where the limit was passed.
            for (const gap of await open()) {
              if (gapsBefore.some(({ dataset }) => dataset === gap.dataset)) continue;
              const table = datasets.findIndex(({ name }) => name === gap.dataset);
              expect(Number(source.walEnd - gap.sequence)).toBeGreaterThan(attempt.heldLogBytesMax);
              expect(attempt.choices[table]).toMatch(/stop/);
              expect(
                attempt.choices[table] === 'code-stop' ||
                  source.stopsBehind(gap.sequence, table) ||
                  state?.snapshots.find((one) => one.table === nameOf(table))?.done === false,
              ).toBe(true);
            }
            for (const { kind, sequence } of isWhole ? state!.lags : []) {
              expect(kind).toBe('stopped');
              expect(Number(source.walEnd - sequence)).toBeLessThanOrEqual(attempt.heldLogBytesMax);
            }
            if (!resolves) continue;
            for (const gap of await open()) {
              await resolve(log, source, gap, `c${commands++}`).catch((error: unknown) =>
                expect(error).toMatchObject({ code: 'CAPTURE_GAP_EARLY' }),
              );
            }
          }
          const isOrdered = !steps.some(({ choices: chosen }) => chosen.some((one) => one === 'pass' || one === 'code-stop'));
          source.late = [];
          const mended: Attempt = { choices: [choice, choice, choice], oneRowPerCode };
          await run(log, source, mended);
          for (const gap of await open()) await resolve(log, source, gap, `c${commands++}`);
          expect((await run(log, source, mended)).apart).toEqual([]);
          for (const table of ids) {
            const heldRows = held(log, table);
            const isHeld = (shown: string): boolean => heldRows.some((key) => shown.startsWith(key));
            // A row that is held counts as its last published version.
            expect(published(log, table, isOrdered).filter((one) => !isHeld(one))).toEqual(
              source.rows(table).filter((one) => !isHeld(one)),
            );
            // A table that was read anew may have seen the code of a row that it then held with another row first.
            const isReadAnew = (await stateOf(log, source))?.gaps.some(({ dataset }) => dataset === datasets[table]!.name) === true;
            const codes = published(log, table, isOrdered).map((one) => one.split(' ')[1]);
            if (oneRowPerCode && !isReadAnew) expect(codes).toEqual([...new Set(codes)]);
            if (!oneRowPerCode) expect(source.soundRows(table).filter(isHeld)).toEqual([]);
          }
          source.clear();
          await run(log, source, mended);
          for (const table of ids) expect([published(log, table, isOrdered), held(log, table)]).toEqual([[], []]);
          expect((await stateOf(log, source))?.lags).toEqual([]);
        },
      ),
      {
        numRuns: 100,
        examples: [
          // A truncate is sent and not stored; what stood before it comes again, until the table stops and is given up.
          [
            [
              {
                transactions: [[unsound(0, 'a', 1)], [sound(0, 'b', 1), unsound(0, 'a', 1), { table: 0 }]],
                choices: ['quarantine', 'stop', 'stop'],
                heldLogBytesMax: 1_000_000,
                outages: [],
                late: [],
                recordsUntilFailure: 7,
                resolves: false,
              },
              {
                transactions: [[unsound(0, 'b', 1), { table: 0, row: 'a', version: null }]],
                choices: ['stop', 'stop', 'stop'],
                heldLogBytesMax: 30,
                outages: [],
                late: [],
                recordsUntilFailure: 20,
                resolves: true,
              },
              {
                transactions: [],
                choices: ['quarantine', 'stop', 'stop'],
                heldLogBytesMax: 1_000_000,
                outages: [],
                late: [],
                recordsUntilFailure: 19,
                resolves: false,
              },
            ],
            'pass',
            false,
          ],
        ],
      },
    );
  }, 240_000);
});
