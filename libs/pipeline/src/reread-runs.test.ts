import fc from 'fast-check';
import { decodeMasterDataKey, positionOf } from '@truc/change-event';
import { comparePositions, type Position } from '@truc/kernel';
import { Telemetry } from '@truc/telemetry';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { CaptureFlow } from './capture-flow.js';
import { capturedResidents, clock, codeOf, relation, row, sourceKey, tableName } from './captured-residents.test-data.js';
import type { ChangeSourceStart, SourceMessage, SourceRowChange, SourceText } from './change-source.js';
import { MemoryLog } from './memory-log.test-data.js';
import type { RereadOutcome } from './row-rereads.js';

/** A row's version: under a code, sound or with two spaces, which the dictionary refuses until the dataset lets it pass; or without any code. */
interface Version {
  readonly code: number | null;
  readonly isSound: boolean;
}
type Step = { readonly row: string; readonly version: Version | null } | { readonly reread: true };

const ids = ['a', 'b'];
const textOf = (id: string, { code, isSound }: Version): SourceText[] =>
  row(id, code === null ? null : codeOf(code), isSound ? 'Số 1' : 'Số  1');

/** A log of the source: what each step does at its sequence, given what was there. */
class SourceLog {
  readonly #steps: {
    readonly sequence: bigint;
    readonly step: Step;
    readonly before: SourceText[] | null;
    readonly rows: SourceText[][];
  }[] = [];
  readonly #rows = new Map<string, SourceText[]>();

  push(step: Step): void {
    const sequence = BigInt(this.#steps.length + 1) * 10n;
    const before = 'row' in step ? (this.#rows.get(step.row) ?? null) : null;
    if ('row' in step) {
      if (step.version === null) this.#rows.delete(step.row);
      else this.#rows.set(step.row, textOf(step.row, step.version));
    }
    this.#steps.push({ sequence, step, before, rows: [...this.#rows.values()] });
  }

  get ids(): string[] {
    return [...this.#rows.keys()];
  }

  /** From behind `after`; a retry is of the run that asked for it, so that nothing behind `known` reads again. */
  async *stream(after: bigint, known: bigint): AsyncGenerator<SourceMessage> {
    for (const { sequence, step, before, rows } of this.#steps) {
      if (sequence <= after) continue;
      if ('reread' in step) {
        if (sequence <= known) continue;
        yield { kind: 'reread', relation, sequence, rows, round: 1, isLast: true, takenAtMs: clock.now() };
        yield { kind: 'reread', relation, sequence: sequence + 2n, rows, round: 2, isLast: true, takenAtMs: clock.now() };
        continue;
      }
      const change = changeOf(before, step.version === null ? null : textOf(step.row, step.version));
      if (change === null) continue;
      yield { kind: 'begin', transactionId: String(sequence), sequence, committedAtMs: clock.now() };
      yield { kind: 'rows', changes: [change] };
      yield { kind: 'commit', sequence };
    }
    await Promise.resolve();
  }
}

function changeOf(before: SourceText[] | null, after: SourceText[] | null): SourceRowChange | null {
  if (before === null) return after === null ? null : { kind: 'insert', relation, index: 0, after };
  if (after === null) return { kind: 'delete', relation, index: 0, before, beforeIsWhole: true };
  return { kind: 'update', relation, index: 0, before, beforeIsWhole: true, after };
}

describe('rows that are read again, from run to run', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  afterAll(() => telemetry.shutdown());

  for (const oneRowPerCode of [false, true]) {
    const strict = capturedResidents('t', { oneRowPerCode });
    const lenient = capturedResidents('t', { oneRowPerCode, rules: { V2: 'pass' } });
    const { dataset } = strict;

    const optionsOf = (log: MemoryLog, isLenient: boolean, recordsUntilFailure: number): Omit<CaptureFlowOptions, 'source'> => ({
      sourceId: 'g01.population',
      connector: 'postgresql',
      slot: 'truc_population',
      tables: new Map([[tableName, isLenient ? lenient : strict]]),
      release: 1,
      stateTopic: 't.state',
      quarantineSchemaIds: new Map([[dataset.name, 3]]),
      openWriter: () => Promise.resolve({ ...log.writer(recordsUntilFailure), endOffsets: () => new Map() }),
      reader: log.reader(),
      checkSource: () => Promise.resolve({ systemIdentifier: '1', timeline: 1 }),
      clock,
      telemetry,
      storeEveryMs: 1,
    });

    /** @param recordsUntilFailure written before the writer fails, as a process does that is killed */
    const run = async (
      log: MemoryLog,
      source: SourceLog,
      isLenient: boolean,
      known: bigint,
      recordsUntilFailure = Infinity,
    ): Promise<RereadOutcome[]> => {
      const outcomes: RereadOutcome[] = [];
      const flow = new CaptureFlow({
        ...optionsOf(log, isLenient, recordsUntilFailure),
        source: { stream: ({ after }: ChangeSourceStart) => source.stream(after, known), acknowledge: () => {} },
        onReread: (outcome) => outcomes.push(outcome),
        judgedBy: 'the same',
      });
      await flow.run(AbortSignal.timeout(20_000)).catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
      });
      return outcomes;
    };

    /** Codes that are published, by their rows; and that no key ends with an event that is older than another of it. */
    const published = (log: MemoryLog): string[] => {
      const last = new Map<string, { position: Position; highest: Position; isAlive: boolean }>();
      for (const { key, value, headers } of log.records(dataset.topic, 0)) {
        const position = positionOf(headers);
        const known = last.get(key.toString('latin1'));
        const highest = known === undefined || comparePositions(position, known.highest) >= 0 ? position : known.highest;
        last.set(key.toString('latin1'), { position, highest, isAlive: value !== null });
      }
      return [...last].flatMap(([text, { position, highest, isAlive }]) => {
        expect(comparePositions(position, highest)).toBe(0);
        const { code, row: id } = decodeMasterDataKey(Buffer.from(text, 'latin1')).key;
        return isAlive ? [`${id} ${code}`] : [];
      });
    };
    const held = (log: MemoryLog): string[] => {
      const last = new Map<string, boolean>();
      for (const { key, value } of log.records(dataset.quarantineTopic, 0)) last.set(key.toString(), value !== null);
      return [...last].flatMap(([key, isHeld]) => (isHeld ? [key] : []));
    };
    const name = oneRowPerCode ? 'with one row per code' : 'with any number of rows per code';

    describe(name, () => {
      it('are published where they are good now, and stay held where they are not', async () => {
        const log = new MemoryLog();
        const source = new SourceLog();
        source.push({ row: 'a', version: { code: 1, isSound: false } });
        source.push({ row: 'b', version: { code: null, isSound: true } });
        await run(log, source, false, 0n);
        expect([published(log), held(log)]).toEqual([[], [sourceKey('a'), sourceKey('b')]]);
        source.push({ reread: true });
        expect(await run(log, source, true, 0n)).toEqual([{ table: tableName, read: 2, released: 1, isLast: true, failure: null }]);
        expect([published(log), held(log)]).toEqual([[`${sourceKey('a')} ${codeOf(1)}`], [sourceKey('b')]]);
        source.push({ row: 'a', version: null });
        source.push({ row: 'b', version: null });
        await run(log, source, true, 0n);
        expect([published(log), held(log)]).toEqual([[], []]);
      });

      it('are all that is held when something else judges, until they were', async () => {
        const log = new MemoryLog();
        const asked: unknown[] = [];
        const judgedRun = async (
          judgedBy: string,
          isLenient: boolean,
          messages: readonly SourceMessage[],
          recordsUntilFailure = Infinity,
        ): Promise<void> => {
          async function* stream({ rereads }: ChangeSourceStart): AsyncGenerator<SourceMessage> {
            asked.push(rereads);
            await Promise.resolve();
            yield* messages;
          }
          const flow = new CaptureFlow({
            ...optionsOf(log, isLenient, recordsUntilFailure),
            source: { stream, acknowledge: () => {} },
            judgedBy,
          });
          await flow.run(AbortSignal.timeout(20_000)).catch((error: unknown) => {
            if (!(error instanceof Error) || error.message !== 'killed') throw error;
          });
        };
        const after = textOf('a', { code: 1, isSound: false });
        await judgedRun('strictness', false, [
          { kind: 'begin', transactionId: '1', sequence: 10n, committedAtMs: 0 },
          { kind: 'rows', changes: [{ kind: 'insert', relation, index: 0, after }] },
          { kind: 'commit', sequence: 10n },
        ]);
        const again = (round: 1 | 2): SourceMessage => ({
          kind: 'reread',
          relation,
          sequence: round === 1 ? 20n : 30n,
          rows: [after],
          round,
          isLast: true,
          takenAtMs: 0,
        });
        await judgedRun('strictness', false, []);
        // Ends before the second round, so that it is asked for once more.
        await judgedRun('lenience', true, [again(1)]);
        await judgedRun('lenience', true, [again(1), again(2)]);
        await judgedRun('lenience', true, []);
        const all = [{ table: tableName, keys: [['a']] }];
        expect(asked).toEqual([[], [], all, all, []]);
        expect([published(log), held(log)]).toEqual([[`${sourceKey('a')} ${codeOf(1)}`], []]);
      });

      const version = fc.record({ code: fc.constantFrom(1, 2, 2, null), isSound: fc.boolean() });
      const change = fc.record({ row: fc.constantFrom(...ids), version: fc.option(version, { freq: 4 }) });
      const step = fc.oneof({ weight: 3, arbitrary: change }, { weight: 2, arbitrary: fc.constant({ reread: true } as const) });

      it('leave nothing behind when they are deleted, wherever runs were killed', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(change, { minLength: 1, maxLength: 4 }),
            fc.array(step, { minLength: 1, maxLength: 8 }),
            fc.array(fc.nat(30), { maxLength: 3 }),
            async (first, then, kills) => {
              const log = new MemoryLog();
              const source = new SourceLog();
              for (const one of first) source.push(one);
              await run(log, source, false, 0n);
              let known = BigInt(first.length) * 10n;
              for (const one of then) source.push(one);
              for (const kill of kills) {
                await run(log, source, true, known, kill + 1);
                // Whoever comes next knows nothing of the retries of a run that is gone.
                known = BigInt(first.length + then.length) * 10n;
              }
              await run(log, source, true, known);
              published(log);
              for (const id of source.ids) source.push({ row: id, version: null });
              await run(log, source, true, known);
              expect([published(log), held(log)]).toEqual([[], []]);
            },
          ),
          { numRuns: 150 },
        );
      }, 120_000);
    });
  }
});
