import { randomUUID } from 'node:crypto';
import { testPostgres } from '@truc/testing';
import { CoordinationStore } from './coordination-store.js';

type Database = Awaited<ReturnType<typeof testPostgres>>;

describe('coordination store', () => {
  let database: Database;
  let store: CoordinationStore;
  const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) };

  beforeAll(async () => {
    database = await testPostgres();
    store = await CoordinationStore.open({ url: database.url, clock });
  });

  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  const agency = { kind: 'agency', name: 'G01', agency: 'G01', body: { agency: { code: 'G01' } } };

  it('migrates once, however many start together', async () => {
    const others = await Promise.all([1, 2, 3].map(() => CoordinationStore.open({ url: database.url, clock })));
    const { rows } = await database.query('SELECT name FROM coordination.migration');
    expect(rows).toHaveLength(2);
    await Promise.all(others.map((other) => other.close()));
  });

  it('keeps a document with its revision, its author and its time', async () => {
    await store.apply('alice', (session) => session.save(agency));
    await store.apply('bob', (session) => session.save({ ...agency, body: { agency: { code: 'G01', more: 1 } } }));
    const row = await store.document('agency', 'G01');
    expect(row).toMatchObject({ revision: 2, appliedBy: 'bob', body: { agency: { code: 'G01', more: 1 } } });
    expect(row?.appliedAt.getTime()).toBe(clock.now());
    expect(await store.documents('dataset')).toEqual([]);
  });

  it('applies all or nothing', async () => {
    const failing = store.apply('alice', async (session) => {
      await session.save({ ...agency, name: 'G02' });
      await session.addRelease(1, {});
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(await store.document('agency', 'G02')).toBeNull();
    expect(await store.latestRelease()).toBeNull();
  });

  it('lets one apply run at a time', async () => {
    const order: string[] = [];
    const second = await CoordinationStore.open({ url: database.url, clock });
    let enter: () => void = () => {};
    const entered = new Promise<void>((resolve) => (enter = resolve));
    let leave: () => void = () => {};
    const left = new Promise<void>((resolve) => (leave = resolve));
    const first = store.apply('alice', async () => {
      enter();
      await left;
      order.push('first');
    });
    await entered;
    const waiting = second.apply('bob', async () => {
      order.push('second');
    });
    // The locks of the whole server are listed; others use it too.
    const { rows } = await database.query(
      `SELECT count(*)::int AS granted FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database() AND locktype = 'advisory' AND granted`,
    );
    expect(rows[0]).toMatchObject({ granted: 1 });
    leave();
    await Promise.all([first, waiting]);
    expect(order).toEqual(['first', 'second']);
    await second.close();
  });

  it('numbers releases and never changes one', async () => {
    await store.apply('alice', (session) => session.addRelease(1, { elements: [] }));
    await store.apply('alice', (session) => session.addRelease(2, JSON.stringify({ elements: ['x'] })));
    expect(await store.latestRelease()).toMatchObject({ number: 2, content: { elements: ['x'] } });
    expect(await store.releaseNumbers()).toEqual([1, 2]);
    await expect(store.apply('alice', (session) => session.addRelease(2, {}))).rejects.toThrow();
    await expect(database.query(`UPDATE coordination.dictionary_release SET content = '{}'`)).rejects.toThrow('never changed');
    await expect(database.query('DELETE FROM coordination.dictionary_release')).rejects.toThrow('never changed');
  });

  it('keeps a proposal as it was made, ends it once, and finds by what it changed', async () => {
    const [lan, an] = [
      { name: 'lan', agency: 'G01' },
      { name: 'an', agency: null },
    ];
    const changes = { elements: [{ id: 'urn:x', version: '1.1.0' }] };
    const add = () => store.apply('lan', (session) => session.proposals.add({ base: 2, changes, note: 'why' }, lan));
    expect([await add(), await add()]).toEqual([1, 2]);
    await store.proposals.say(1, 'objected', 'too early', an);
    await store.apply('an', async (session) => {
      await session.addRelease(3, { elements: [{ id: 'urn:w' }, { id: 'urn:x', version: '1.1.0', status: 'approved', steward: 'G01' }] });
      await session.proposals.end(1, 'approved', 3);
    });
    expect(await store.proposals.events(1)).toMatchObject([
      { event: 'proposed', principal: 'lan', agency: 'G01', comment: 'why' },
      { event: 'objected', principal: 'an', agency: null, comment: 'too early' },
    ]);
    expect(await store.proposals.one(1)).toMatchObject({ state: 'approved', release: 3, changes });
    expect([await store.proposals.openCount('lan'), await store.proposals.openCount('an')]).toEqual([1, 0]);
    expect(await store.proposals.summary(2)).toMatchObject({ number: 2, base: 2, note: 'why', state: 'proposed' });
    const [open, ...more] = await store.proposals.openChanges('lan');
    expect([open?.number, open?.base, JSON.parse(open?.changes ?? ''), more]).toEqual([2, 2, changes, []]);
    expect(JSON.parse((await store.proposals.changesOf(1))?.changes ?? '')).toEqual(changes);
    expect(await store.proposals.changesOf(9)).toBeNull();
    expect([await store.releaseText(9), (await store.releaseText(null))?.number]).toEqual([null, 3]);
    expect(JSON.parse((await store.releaseText(2))?.content ?? '')).toEqual({ elements: ['x'] });
    expect((await store.proposals.latest()).map(({ number, state }) => [number, state])).toEqual([
      [2, 'proposed'],
      [1, 'approved'],
    ]);
    expect(await store.proposals.releases()).toMatchObject([
      { number: 3, appliedBy: 'an', proposal: 1, proposer: 'lan', note: 'why' },
      { number: 2, proposal: null, note: null },
      { number: 1 },
    ]);
    // The fourth leaves it as it is.
    await store.apply('an', (session) =>
      session.addRelease(4, { elements: [{ steward: 'G01', id: 'urn:x', version: '1.1.0', status: 'approved' }] }),
    );
    expect(await store.proposals.entryHistory('elements', 'urn:x')).toMatchObject([
      { release: 3, version: '1.1.0', status: 'approved', steward: 'G01', proposal: 1, proposer: 'lan', appliedBy: 'an' },
    ]);
    expect(await store.proposals.entryHistory('concepts', 'urn:x')).toEqual([]);
    await expect(store.proposals.end(1, 'rejected', null)).rejects.toThrow('ends once');
    await expect(database.query(`UPDATE coordination.dictionary_proposal SET changes = '{}' WHERE number = 2`)).rejects.toThrow(
      'only ends',
    );
    await expect(database.query('DELETE FROM coordination.dictionary_proposal')).rejects.toThrow('never deleted');
    await expect(database.query('DELETE FROM coordination.dictionary_proposal_event')).rejects.toThrow('never changed');
  });

  it('knows principals by name, once', async () => {
    const row = { name: 'g01-agent', agency: 'G01', role: 'agent', createdBy: 'alice' };
    expect(await store.addPrincipal(row)).toBe(true);
    expect(await store.addPrincipal({ ...row, role: 'administrator' })).toBe(false);
    expect(await store.principal('g01-agent')).toMatchObject({ role: 'agent', agency: 'G01' });
    expect(await store.removePrincipal('g01-agent')).toBe(true);
    expect(await store.removePrincipal('g01-agent')).toBe(false);
  });

  it('ends a command once', async () => {
    const id = randomUUID();
    await store.addCommand({ id, agency: 'G01', name: 'pause', source: null, principal: 'alice', deadlineMs: clock.now() + 5000 });
    await store.countAttempt(id);
    await store.endCommand(id, 'timed-out', null);
    await store.endCommand(id, 'answered', { state: 'paused' });
    expect(await store.command(id)).toMatchObject({ state: 'timed-out', attempts: 1, result: null });
  });

  it('keeps an audit that nobody rewrites', async () => {
    await store.audit({ principal: 'alice', action: 'principal.create', subject: 'g01-agent', result: 'created' });
    expect((await store.audits(1))[0]).toMatchObject({ principal: 'alice', action: 'principal.create', detail: {} });
    await expect(database.query('UPDATE coordination.audit SET principal = $1', ['mallory'])).rejects.toThrow('never changed');
  });

  it('says when the database is not there', async () => {
    await expect(CoordinationStore.open({ url: 'postgres://nobody:x@127.0.0.1:1/none' })).rejects.toMatchObject({
      code: 'COORDINATION_STORE_UNREACHABLE',
      retry: true,
    });
  });
});
