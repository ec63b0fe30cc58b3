import type { MarkChange } from './change-source.js';
import { beginOf, planSnapshots, TableSnapshots, type TableSnapshot } from './snapshot-plan.js';

const done: TableSnapshot = {
  table: 'public.person',
  lastKey: ['9'],
  rowsRead: 9,
  rowsEstimated: 9,
  done: true,
  topic: 'data.g01.person.v1',
  mark: null,
  since: null,
  begins: null,
  sweeps: false,
};
const stored = { epoch: 3, sequence: 500n, snapshots: [done] };
const unread = { mark: null, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false, since: { epoch: 3, sequence: 500n }, begins: 500n };
const holds = (...topics: string[]) => {
  return (topic: string) => Promise.resolve(topics.includes(topic));
};

describe('plan of snapshots', () => {
  it('goes on with what it knows, also where an older state does not name the topic', async () => {
    const topics = new Map([['public.person', 'data.g01.person.v1']]);
    expect(await planSnapshots(stored, topics, holds())).toEqual({ snapshots: [done], interrupted: new Map(), anew: [] });
    expect(await planSnapshots({ ...stored, snapshots: [{ ...done, topic: null }] }, topics, holds())).toMatchObject({ snapshots: [done] });
  });

  it('reads a table anew whose dataset has another topic', async () => {
    const topics = new Map([['public.person', 'data.g01.person.v2']]);
    const { snapshots, interrupted } = await planSnapshots(stored, topics, holds('data.g01.person.v1'));
    expect(interrupted).toEqual(new Map());
    expect(snapshots).toEqual([{ ...unread, table: 'public.person', topic: 'data.g01.person.v2', sweeps: false }]);
  });

  it('forgets a table that is not captured, and reads it anew with a sweep when it comes back', async () => {
    const { snapshots: without } = await planSnapshots(stored, new Map([['public.parcel', 'data.g01.parcel.v1']]), holds());
    expect(without.map(({ table }) => table)).toEqual(['public.parcel']);
    const topics = new Map([['public.person', 'data.g01.person.v1']]);
    const { snapshots: back } = await planSnapshots({ ...stored, snapshots: without }, topics, holds('data.g01.person.v1'));
    expect(back).toEqual([{ ...unread, table: 'public.person', topic: 'data.g01.person.v1', sweeps: true }]);
  });

  const topics = new Map([['public.person', 'data.g01.person.v1']]);
  const marked = (mark: string | null, sequence = 900n) => ({ marks: new Map(mark === null ? [] : [['public.person', mark]]), sequence });

  it('reads a table anew whose mark is another one, from where the log ends by then', async () => {
    const before = { ...stored, snapshots: [{ ...done, mark: '1/7' }] };
    const same = { snapshots: before.snapshots, interrupted: new Map(), anew: [] };
    expect(await planSnapshots(before, topics, holds(), marked('1/7'))).toEqual(same);
    // Nothing is decided while it is not published.
    expect(await planSnapshots(before, topics, holds(), marked(null))).toEqual(same);
    const since = { epoch: 3, sequence: 900n };
    const anew = { ...unread, table: 'public.person', topic: 'data.g01.person.v1', mark: '1/8', since, begins: 900n, sweeps: true };
    expect(await planSnapshots(before, topics, holds('data.g01.person.v1'), marked('1/8'))).toEqual({
      snapshots: [anew],
      interrupted: new Map([['public.person', { isCutOff: true }]]),
      anew: ['public.person'],
    });
    // One that says that nothing was left out is noted.
    const noted = {
      ...marked('1/7 more'),
      changeOf: (known: string, now: string): MarkChange => (now.startsWith(known) ? 'grown' : 'other'),
    };
    expect(await planSnapshots(before, topics, holds('data.g01.person.v1'), noted)).toEqual({
      snapshots: [{ ...done, mark: '1/7 more' }],
      interrupted: new Map(),
      anew: [],
    });
    // A stream that has read further than the log had grown to.
    expect(await planSnapshots({ ...before, sequence: 950n }, topics, holds(), marked('1/8'))).toMatchObject({
      snapshots: [{ since: { sequence: 950n } }],
    });
  });

  it('takes what the stream still has of a table whose rows moved, unless its codes are kept', async () => {
    const before = { ...stored, snapshots: [{ ...done, mark: '1/7' }] };
    const moved = { ...marked('1/8'), changeOf: (): MarkChange => 'moved' };
    const plan = (from: typeof stored, tables = {}) => planSnapshots(from, topics, holds(), moved, tables);
    const since = { epoch: 3, sequence: 900n };
    const through = await plan(before);
    expect(through).toMatchObject({ snapshots: [{ done: false, since, begins: null, sweeps: true }], anew: ['public.person'] });
    expect(through.interrupted).toEqual(new Map([['public.person', { isCutOff: false }]]));
    for (const tables of [{ indexed: new Map([['public.person', true]]) }, { withCodes: new Set(['public.person']) }]) {
      const cutOff = await plan(before, tables);
      expect(cutOff).toMatchObject({ snapshots: [{ since, begins: 900n }] });
      expect(cutOff.interrupted).toEqual(new Map([['public.person', { isCutOff: true }]]));
    }
    // And where its codes have come to be kept while it is read.
    const under = { ...stored, snapshots: [...through.snapshots] };
    expect(await plan(under)).toMatchObject({ snapshots: [{ begins: null }] });
    expect(await plan(under, { withCodes: new Set(['public.person']) })).toMatchObject({
      snapshots: [{ since, begins: 900n }],
      interrupted: new Map(),
    });
    // What a reading that is under way did not take stays with it.
    const reading = { ...done, done: false, mark: '1/7', since: { epoch: 3, sequence: 450n }, begins: 450n };
    expect(await plan({ ...stored, snapshots: [reading] })).toMatchObject({ snapshots: [{ since, begins: 450n }] });
    // Another generation has nothing of it.
    const generation = await planSnapshots(before, new Map([['public.person', 'data.g01.person.v2']]), holds(), moved);
    expect(generation).toMatchObject({ snapshots: [{ since, begins: 900n, sweeps: false }] });
  });

  it('begins every snapshot with a mark, and keeps it until it is done and after', async () => {
    const very = await planSnapshots({ epoch: 1, sequence: 0n, snapshots: [] }, topics, holds(), marked('1/7'));
    expect(very.snapshots).toMatchObject([{ mark: '1/7', since: { epoch: 1, sequence: 0n }, sweeps: false }]);
    const first = await planSnapshots({ epoch: 1, sequence: 800n, snapshots: [] }, topics, holds(), marked('1/7'));
    const since = { epoch: 1, sequence: 900n };
    expect(first.snapshots).toMatchObject([{ mark: '1/7', since, sweeps: false }]);
    const begun = { epoch: 1, sequence: 940n, snapshots: [{ ...first.snapshots[0]!, lastKey: ['4'] }] };
    expect(await planSnapshots(begun, topics, holds(), marked('1/7', 990n))).toEqual({
      snapshots: begun.snapshots,
      interrupted: new Map(),
      anew: [],
    });
    // Of a snapshot that was begun before its table had one nothing is believed; of one that was done long ago everything.
    const unmarked = { ...begun, snapshots: [{ ...begun.snapshots[0]!, mark: null }] };
    expect(await planSnapshots(unmarked, topics, holds(), marked('1/7', 990n))).toMatchObject({
      snapshots: [{ mark: '1/7', lastKey: null, since: { epoch: 1, sequence: 990n }, sweeps: true }],
      interrupted: new Map(),
    });
    expect(await planSnapshots(stored, topics, holds(), marked('1/7'))).toEqual({
      snapshots: [{ ...done, mark: '1/7' }],
      interrupted: new Map(),
      anew: [],
    });
  });

  it('says where a snapshot begins that is not done', () => {
    const since = { epoch: 3, sequence: 900n };
    const begun = { ...done, done: false, since, begins: 900n };
    expect([beginOf(begun, 3), beginOf({ ...begun, since: null }, 3), beginOf(begun, 4), beginOf(done, 3)]).toEqual([
      900n,
      null,
      null,
      null,
    ]);
  });

  it('is done with a table only when the table was finished', () => {
    const begun: TableSnapshot = { ...done, ...unread, sweeps: true };
    const tables = new TableSnapshots([begun]);
    const progress = { table: 'public.person', lastKey: ['4'], rowsRead: 4, rowsEstimated: 9, done: false };
    expect(tables.withProgress([progress, { ...progress, table: 'public.gone' }])).toEqual([{ ...begun, ...progress }]);
    tables.finish('public.person');
    expect(tables.withProgress([{ ...progress, done: true }])).toEqual([
      { ...begun, ...progress, done: true, since: null, begins: null, sweeps: false },
    ]);
    expect(tables.of('public.person')).toMatchObject({ since: null, sweeps: false });
  });
});
