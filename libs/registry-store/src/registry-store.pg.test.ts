import type { Mode, SubjectRules } from '@truc/registry';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { wholePage } from './schema-catalogue.js';
import { RegistryStore } from './registry-store.js';
import type { NewSchema } from './registration-transaction.js';

const record = (name: string, ...fields: object[]): string => JSON.stringify({ type: 'record', name, fields });
const field = (name: string) => ({ name, type: 'string' });
const optional = (name: string) => ({ name, type: ['null', 'string'], default: null });
const root = { name: 'root', agencySlug: null };
const noRules = () => null;
const openRules =
  (isInUse = false) =>
  (): SubjectRules => ({ judge: () => ({ violations: [], warnings: [] }), neededBy: () => (isInUse ? ['the dataset x'] : []) });

let database: TestPostgres;
let store: RegistryStore;
beforeAll(async () => {
  database = await testPostgres();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.query('DROP SCHEMA IF EXISTS registry CASCADE');
  store = await RegistryStore.open({ url: database.url });
});
afterEach(() => store.close());

const asNew = (subject: string, text: string, over: Partial<NewSchema> = {}): NewSchema => ({
  subject,
  text,
  references: [],
  metadata: null,
  ruleSet: null,
  id: null,
  version: null,
  ...over,
});
const add = (subject: string, text: string, over: Partial<NewSchema> = {}) => store.register(asNew(subject, text, over), root, noRules);
const asked = (text: string) => ({ text, references: [], metadata: null, ruleSet: null });
const versions = async (subject: string, shown: 'live' | 'all' = 'live') =>
  (await store.catalogue.versions(subject, shown, wholePage)).map(({ version }) => version);
const setMode = (subject: string, mode: Mode) => store.changeMode(subject, mode, { rules: noRules });
const code = (errorCode: number) => expect.objectContaining({ errorCode });

describe('RegistryStore', () => {
  it('registers the same schema once, however many ask at the same time and at whichever registry', async () => {
    const second = await RegistryStore.open({ url: database.url });
    const registered = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : second).register(asNew('s-value', record('R', field('a'))), root, noRules),
      ),
    );
    await second.close();
    expect(new Set(registered.map(({ id, version }) => `${id} ${version}`))).toEqual(new Set(['1 1']));
    expect(registered.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await versions('s-value')).toEqual([1]);
  });

  it('gives different schemas dense ids and versions, however many ask at the same time', async () => {
    const second = await RegistryStore.open({ url: database.url });
    const texts = Array.from({ length: 20 }, (_, index) => record('R', field('a'), optional(`b${index}`)));
    const registered = await Promise.all(
      texts.map((text, index) => (index % 2 === 0 ? store : second).register(asNew('s-value', text), root, noRules)),
    );
    await second.close();
    const upTo20 = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(registered.map(({ id }) => id).sort((x, y) => x - y)).toEqual(upTo20);
    expect(registered.map(({ version }) => version).sort((x, y) => x - y)).toEqual(upTo20);
    for (const [index, { id, version }] of registered.entries()) {
      expect((await store.catalogue.schema(id)).schema).toBe(texts[index]);
      expect((await store.catalogue.version('s-value', version, false)).id).toBe(id);
    }
  });

  it('registers under many subjects at once as it would one after the other', async () => {
    const texts = ['a', 'b', 'c'].map((name) => record('R', field(name)));
    const asks = Array.from({ length: 40 }, (_, index) =>
      index % 10 === 7 ? add(`s${index}`, '{"type":"recrod"}') : add(`s${index}`, texts[index % 3]!),
    );
    const settled = await Promise.allSettled(asks);
    const ids = new Map<string, Set<number>>();
    for (const [index, outcome] of settled.entries()) {
      expect(outcome.status).toBe(index % 10 === 7 ? 'rejected' : 'fulfilled');
      if (outcome.status === 'rejected') continue;
      const { text, id, version, isNew, guid } = outcome.value;
      expect([version, isNew]).toEqual([1, true]);
      ids.set(text, (ids.get(text) ?? new Set()).add(id));
      expect(await store.catalogue.version(`s${index}`, 'latest', false)).toMatchObject({ id, schema: text, guid });
    }
    expect([...ids.values()].map((each) => each.size)).toEqual([1, 1, 1]);
    expect(new Set([...ids.values()].flatMap((each) => [...each]))).toEqual(new Set([1, 2, 3]));
    expect(await store.catalogue.maxId('')).toBe(3);
    // Again: the same ids and GUIDs, and nothing new.
    const [first, again] = await Promise.all([add('s0', texts[0]!), add('s1', texts[1]!)]);
    expect([first.isNew, again.isNew, first.id]).toEqual([false, false, [...ids.get(texts[0]!)!][0]]);
    expect(again.guid).toBe((await store.catalogue.schema(again.id)).guid);
  });

  it('takes names that stand for one subject for what they are, however many ask at once', async () => {
    for (const name of ['one', 'two']) await store.changeConfig(name, { alias: 'meant' });
    const texts = Array.from({ length: 12 }, (_, index) => record('R', field('a'), optional(`b${index}`)));
    const registered = await Promise.all(texts.map((text, index) => add(['one', 'two', 'meant', `own${index}`][index % 4]!, text)));
    const meant = registered.filter(({ subject }) => subject === 'meant');
    expect(meant.map(({ version }) => version).sort((x, y) => x - y)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(registered.map(({ id }) => id).sort((x, y) => x - y)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    for (const { subject, version, text } of registered)
      expect(await store.catalogue.version(subject, version, false)).toMatchObject({ schema: text });
  });

  it('registers new versions of large subjects at once', async () => {
    const large = (name: string, index: number) => record('R', { ...field('a'), doc: name.repeat(60_000) }, optional(`b${index}`));
    const subjects = ['u', 'v', 'w', 'x', 'y', 'z'];
    await Promise.all(subjects.map((name) => add(name, large(name, 0))));
    const next = await Promise.all([...subjects.map((name) => add(name, large(name, 1))), add('small', record('R', field('a')))]);
    expect(next.map(({ version }) => version)).toEqual([2, 2, 2, 2, 2, 2, 1]);
  });

  it('leaves no hole where a registration is refused', async () => {
    await add('s', record('R', field('a')));
    await expect(add('s', record('R', field('a'), field('b')))).rejects.toEqual(code(409));
    await expect(add('data.g01.x.v1-value', record('R', field('z')))).rejects.toEqual(code(50302));
    expect(await add('t', record('T', field('a')))).toMatchObject({ id: 2, version: 1 });
  });

  it('remembers everything after a restart', async () => {
    await add('s', record('R', field('a')));
    await add('t', record('R', field('a')));
    await store.changeConfig('s', { compatibility: 'NONE' });
    await setMode('t', 'READONLY');
    await store.close();
    store = await RegistryStore.open({ url: database.url });
    expect(await add('s', record('X', field('y')))).toMatchObject({ id: 2, version: 2 });
    expect(await store.catalogue.uses(1, '', false)).toEqual([
      { subject: 's', version: 1 },
      { subject: 't', version: 1 },
    ]);
    await expect(add('t', record('R', field('a'), optional('b')))).rejects.toEqual(code(42205));
  });

  it('finds a schema under its subject whatever its spelling', async () => {
    const text = record('R', field('a'));
    await add('s', text);
    const spelled = asked(JSON.stringify(JSON.parse(text), null, 4));
    expect(await store.lookUp('s', spelled, false, null)).toMatchObject({ subject: 's', version: 1, id: 1, schema: text, references: [] });
    await expect(store.lookUp('s', asked(record('Q', field('a'))), false, null)).rejects.toEqual(code(40403));
    await expect(store.lookUp('t', spelled, false, null)).rejects.toEqual(code(40401));
  });

  it('deletes softly, brings back under the same id, and deletes for good without giving an id twice', async () => {
    const text = record('R', field('a'));
    await add('s', text);
    expect(await store.deleteSubject('s', false, noRules)).toEqual([1]);
    await expect(versions('s')).rejects.toEqual(code(40401));
    expect(await versions('s', 'all')).toEqual([1]);
    expect((await store.catalogue.schema(1)).schema).toBe(text);
    expect(await add('s', text)).toMatchObject({ id: 1, version: 2 });
    expect(await versions('s', 'all')).toEqual([2]);
    await store.deleteSubject('s', false, noRules);
    expect(await store.deleteSubject('s', true, noRules)).toEqual([2]);
    await expect(store.catalogue.schema(1)).rejects.toEqual(code(40403));
    expect(await add('t', record('T', field('a')))).toMatchObject({ id: 2 });
    expect(await add('s', text)).toMatchObject({ id: 1, version: 1 });
  });

  it('keeps what the log may still need (D11)', async () => {
    const subject = 'data.g01.x.v1-value';
    await store.register(asNew(subject, record('R', field('a'))), root, openRules());
    await store.deleteVersion(subject, 'latest', false, noRules);
    await expect(store.deleteVersion(subject, 1, true, openRules(true))).rejects.toEqual(code(42201));
    expect(await store.deleteVersion(subject, 1, true, openRules(false))).toBe(1);
  });

  it('imports with ids, only while the subject is empty', async () => {
    await setMode('s', 'IMPORT');
    expect(await add('s', record('R', field('a')), { id: 40, version: 3 })).toMatchObject({ id: 40, version: 3 });
    await expect(add('s', record('Q', field('a')), { id: 40, version: 4 })).rejects.toEqual(code(42205));
    expect(await add('s', record('Q', field('a')), { id: 12, version: 4 })).toMatchObject({ id: 12, version: 4 });
    expect(await add('s', record('P', field('a')), { id: 11, version: 1 })).toMatchObject({ id: 11, version: 1 });
    // The same schema under a second id: both are known elsewhere.
    expect(await add('s', record('P', field('a')), { id: 50, version: 5 })).toMatchObject({ id: 50, version: 5 });
    await setMode('s', 'READWRITE');
    await expect(setMode('s', 'IMPORT')).rejects.toEqual(code(42205));
    expect(await add('t', record('T', field('a')))).toMatchObject({ id: 51 });
    expect(await add('t2', record('P', field('a')))).toMatchObject({ id: 11, isNew: true });
  });

  it('follows references and protects what is referred to', async () => {
    await add('c', record('C', field('x')));
    const references = [{ name: 'C', subject: 'c', version: 1 }];
    const text = record('R', { name: 'c', type: 'C' });
    expect(await add('s', text, { references })).toMatchObject({ id: 2 });
    expect(await store.catalogue.schema(2)).toMatchObject({ schema: text, references });
    expect(await store.catalogue.referencedBy('c', 1, false, wholePage)).toEqual([2]);
    await expect(store.deleteSubject('c', false, noRules)).rejects.toEqual(code(42206));
    await expect(add('s', text, { references: [{ name: 'C', subject: 'c', version: 9 }] })).rejects.toEqual(code(42201));
    const grown = record('R', { name: 'c', type: 'C' }, optional('d'));
    expect(await add('s', grown, { references })).toMatchObject({ id: 3, version: 2 });
    await expect(add('s', record('R', { name: 'c', type: 'int' }))).rejects.toEqual(code(409));
  });

  it('checks compatibility with one version and with all', async () => {
    await store.changeConfig('s', { compatibility: 'FULL_TRANSITIVE' });
    await add('s', record('R', field('a')));
    const told = (version: number | 'latest' | 'all', text: string) => store.incompatibilities('s', version, asked(text), null);
    expect(await told('latest', record('R', field('a'), optional('b')))).toEqual([]);
    expect(await told('all', record('R', field('b')))).not.toEqual([]);
    expect((await told(1, record('R', field('b')))).join()).toMatch(/READER_FIELD_MISSING_DEFAULT_VALUE/);
    await expect(told(2, record('R', field('b')))).rejects.toEqual(code(40402));
  });

  it('says in its own words that the database is away', async () => {
    const other = await RegistryStore.open({ url: database.url });
    await other.close();
    await expect(other.ping()).rejects.toEqual(expect.objectContaining({ errorCode: 50301, retry: true }));
  });

  it('opens twice at the same time on an empty database', async () => {
    await database.query('DROP SCHEMA registry CASCADE');
    const opened = await Promise.all([1, 2, 3].map(() => RegistryStore.open({ url: database.url })));
    expect(await opened[0]!.register(asNew('s', '"int"'), root, noRules)).toMatchObject({ id: 1 });
    await Promise.all(opened.map((each) => each.close()));
  });
});
