import fc from 'fast-check';
import { TrucError } from '@truc/kernel';
import type { TableLag } from './table-lag.js';
import { TablePositions, type StopPoint } from './table-positions.js';

const names = ['s.a', 's.b', 's.c'];
const tables = new Map(names.map((table) => [table, { dataset: table.replace('s', 'd'), topic: `t.${table}` }]));
const places = (sentBelow: StopPoint | null = null) => new Map([...tables].map(([table, place]) => [table, { ...place, sentBelow }]));
const misfit = new TrucError('MAPPING_COLUMN_MISSING', 'a column is missing');
const lag = (
  table: string,
  sequence: bigint,
  kind: 'stopped' | 'catching-up' = 'catching-up',
  stoppedAt = { sequence: 60n, index: 2 },
): TableLag => {
  const place = { table, ...tables.get(table)!, sequence, stoppedAt };
  return kind === 'stopped' ? { kind, ...place, code: misfit.code, reason: misfit.message, sinceMs: 7 } : { kind, ...place };
};
const positions = (sequence: bigint, lags: readonly TableLag[] = [], sentBelow: StopPoint | null = null) =>
  new TablePositions({ sequence, lags }, places(sentBelow), () => 7);

describe('table positions', () => {
  it('stops a table where it stands, and lets the others go on', () => {
    const all = positions(10n);
    all.reached(20n);
    all.stop('s.b', misfit, { sequence: 30n, index: 4 });
    expect(names.map((table) => all.takes(table, 30n))).toEqual([true, false, true]);
    all.reached(30n);
    expect(all.point()).toEqual({ sequence: 30n, lags: [lag('s.b', 20n, 'stopped', { sequence: 30n, index: 4 })], confirmed: 20n });
  });

  it('keeps in mind what was sent beyond what stops a table, by whichever run', () => {
    const all = positions(10n, [], { sequence: 80n, index: 3 });
    all.reached(20n);
    all.stop('s.b', misfit, { sequence: 30n, index: 4 });
    expect(all.stopped).toEqual([lag('s.b', 20n, 'stopped', { sequence: 80n, index: 3 })]);
    const later = positions(20n, all.point().lags, { sequence: 50n, index: 1 });
    later.stop('s.b', misfit, { sequence: 90n, index: 0 });
    expect(later.stopped).toEqual([lag('s.b', 20n, 'stopped', { sequence: 90n, index: 0 })]);
  });

  it('counts a table as stopped until it has moved, and from then on as long as it stops in the same place', () => {
    const at = { sequence: 60n, index: 2 };
    const all = new TablePositions({ sequence: 50n, lags: [lag('s.a', 20n, 'stopped'), lag('s.b', 20n, 'stopped')] }, places(), () => 99);
    expect(all.point().lags).toEqual([lag('s.a', 20n, 'stopped'), lag('s.b', 20n, 'stopped')]);
    expect(all.stopped).toEqual([]);
    all.stop('s.a', misfit, { sequence: 30n, index: 4 });
    expect(all.stopped).toEqual([lag('s.a', 20n, 'stopped', at)]);
    all.reached(40n);
    expect(all.point().lags).toEqual([lag('s.a', 20n, 'stopped', at), lag('s.b', 40n)]);
    all.stop('s.b', misfit, { sequence: 45n, index: 0 });
    expect(all.stopped).toMatchObject([{ sinceMs: 7 }, { table: 's.b', sinceMs: 99 }]);
  });

  it('takes nothing of a table up to where its snapshot begins', () => {
    const begins = new Map([...places()].map(([table, place]) => [table, table === 's.b' ? { ...place, begins: 80n } : place]));
    const all = new TablePositions({ sequence: 50n, lags: [] }, begins, () => 7);
    expect([all.start, all.startOf('s.b'), all.takes('s.b', 80n), all.takes('s.b', 81n), all.takes('s.a', 51n)]).toEqual([
      50n,
      80n,
      false,
      true,
      true,
    ]);
    expect(all.point()).toEqual({ sequence: 50n, lags: [], confirmed: 50n });
  });

  it('begins behind the table that is furthest behind, and the others skip what they have', () => {
    const all = positions(50n, [lag('s.a', 20n, 'stopped'), lag('s.b', 30n)]);
    expect(all.start).toBe(20n);
    expect(names.map((table) => [25n, 35n, 55n].map((sequence) => all.takes(table, sequence)))).toEqual([
      [true, true, true],
      [false, true, true],
      [false, false, true],
    ]);
    all.reached(40n);
    expect(all.point()).toEqual({ sequence: 50n, lags: [lag('s.a', 40n), lag('s.b', 40n)], confirmed: 40n });
    all.reached(60n);
    expect(all.point()).toEqual({ sequence: 60n, lags: [], confirmed: 60n });
  });

  it('gives up what is kept for a table: the source may forget it', () => {
    const all = positions(50n, [lag('s.a', 20n)]);
    all.stop('s.a', misfit);
    expect(all.giveUp('s.b')).toBeNull();
    expect(all.giveUp('s.a')).toEqual(lag('s.a', 20n, 'stopped'));
    // Nothing was streamed yet that far, so nothing more is confirmed.
    expect(all.point()).toEqual({ sequence: 50n, lags: [], confirmed: 20n });
    expect(all.takes('s.a', 60n)).toBe(false);
  });

  it('lets through what is not one table alone, and forgets a table that is captured no more', () => {
    const all = positions(50n, [
      { ...lag('s.a', 20n), topic: 'of another generation' },
      { ...lag('s.a', 20n), table: 's.gone' },
    ]);
    expect(all.start).toBe(50n);
    const broken = new TrucError('CAPTURE_PROTOCOL', 'what is this');
    expect(() => all.stop('s.a', broken)).toThrow(broken);
    expect(() => all.stop('s.gone', misfit)).toThrow(misfit);
    expect(all.takes('s.gone', 60n)).toBe(false);
  });

  /** Each transaction touches some tables, and for some of those it does not fit as long as they are not mended. */
  const transaction = fc.record({ touches: fc.subarray(names), misfits: fc.subarray(names) });
  const run = fc.record({ mended: fc.subarray(names), steps: fc.nat(30), stores: fc.array(fc.nat(30)) });

  it('leaves nothing out and nothing below, in any order of stops, mends and kills', () => {
    fc.assert(
      fc.property(fc.array(transaction, { minLength: 1, maxLength: 20 }), fc.array(run, { maxLength: 8 }), (log, runs) => {
        let stored = { sequence: 0n, lags: [] as readonly TableLag[] };
        let forgotten = 0n;
        const published = new Map(names.map((table) => [table, new Set<bigint>()]));
        const play = (isMended: (table: string) => boolean, steps: number, storesAt: (step: number) => boolean): void => {
          const all = new TablePositions(stored, places(), () => 0);
          expect(all.start).toBeGreaterThanOrEqual(forgotten);
          const begin = new Map(names.map((table) => [table, all.startOf(table)]));
          for (const [at, { touches, misfits }] of log.slice(0, steps).entries()) {
            const sequence = BigInt(at + 1) * 10n;
            if (sequence <= all.start && sequence <= forgotten) continue;
            for (const table of touches) {
              if (!all.takes(table, sequence)) continue;
              // Nothing that is at or below what was stored comes again.
              expect(sequence).toBeGreaterThan(begin.get(table)!);
              if (misfits.includes(table) && !isMended(table)) all.stop(table, misfit);
              else published.get(table)!.add(sequence);
            }
            all.reached(sequence + 3n);
            if (!storesAt(at)) continue;
            const { confirmed, ...point } = all.point();
            stored = point;
            expect(confirmed).toBeGreaterThanOrEqual(forgotten);
            forgotten = confirmed;
            // The source may forget only what every table has.
            for (const table of names) {
              const needed = log.flatMap((one, place) => (one.touches.includes(table) ? [BigInt(place + 1) * 10n] : []));
              for (const one of needed) if (one <= forgotten) expect(published.get(table)).toContain(one);
            }
          }
        };
        for (const { mended, steps, stores } of runs)
          play(
            (table) => mended.includes(table),
            steps,
            (step) => stores.includes(step),
          );
        play(
          () => true,
          log.length,
          () => true,
        );
        for (const table of names) {
          const needed = log.flatMap((one, place) => (one.touches.includes(table) ? [BigInt(place + 1) * 10n] : []));
          expect([...published.get(table)!].toSorted()).toEqual(needed.toSorted());
        }
        expect(stored.lags).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
