import { planSnapshots, TableSnapshots, type TableSnapshot } from './snapshot-plan.js';

const done: TableSnapshot = {
  table: 'public.person',
  lastKey: ['9'],
  rowsRead: 9,
  rowsEstimated: 9,
  done: true,
  topic: 'data.g01.person.v1',
  since: null,
  sweeps: false,
};
const stored = { epoch: 3, sequence: 500n, snapshots: [done] };
const unread = { lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false, since: { epoch: 3, sequence: 500n } };
const holds = (...topics: string[]) => {
  return (topic: string) => Promise.resolve(topics.includes(topic));
};

describe('plan of snapshots', () => {
  it('goes on with what it knows, also where an older state does not name the topic', async () => {
    const topics = new Map([['public.person', 'data.g01.person.v1']]);
    expect(await planSnapshots(stored, topics, holds())).toEqual([done]);
    expect(await planSnapshots({ ...stored, snapshots: [{ ...done, topic: null }] }, topics, holds())).toEqual([done]);
  });

  it('reads a table anew whose dataset has another topic', async () => {
    const topics = new Map([['public.person', 'data.g01.person.v2']]);
    const planned = await planSnapshots(stored, topics, holds('data.g01.person.v1'));
    expect(planned).toEqual([{ ...unread, table: 'public.person', topic: 'data.g01.person.v2', sweeps: false }]);
  });

  it('forgets a table that is not captured, and reads it anew with a sweep when it comes back', async () => {
    const without = await planSnapshots(stored, new Map([['public.parcel', 'data.g01.parcel.v1']]), holds());
    expect(without.map(({ table }) => table)).toEqual(['public.parcel']);
    const topics = new Map([['public.person', 'data.g01.person.v1']]);
    const back = await planSnapshots({ ...stored, snapshots: without }, topics, holds('data.g01.person.v1'));
    expect(back).toEqual([{ ...unread, table: 'public.person', topic: 'data.g01.person.v1', sweeps: true }]);
  });

  it('is done with a table only when the table was finished', () => {
    const begun: TableSnapshot = { ...done, ...unread, sweeps: true };
    const tables = new TableSnapshots([begun]);
    const progress = { table: 'public.person', lastKey: ['4'], rowsRead: 4, rowsEstimated: 9, done: false };
    expect(tables.withProgress([progress, { ...progress, table: 'public.gone' }])).toEqual([{ ...begun, ...progress }]);
    tables.finish('public.person');
    expect(tables.withProgress([{ ...progress, done: true }])).toEqual([{ ...begun, ...progress, done: true, since: null, sweeps: false }]);
    expect(tables.of('public.person')).toMatchObject({ since: null, sweeps: false });
  });
});
