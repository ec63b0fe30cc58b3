import { fillRegistry, record } from '../registry/lived-registry.test-data.js';
import { RunningRegistries, type RunningRegistry } from '../registry/running-registries.test-data.js';

const registries = new RunningRegistries();
let source: RunningRegistry;

beforeAll(async () => {
  source = await registries.start();
  await fillRegistry(source);
});
afterAll(() => registries.close());

describe('truc registry import --from', () => {
  it('takes over all that another registry holds, and writes nothing the second time', async () => {
    const target = await registries.start();
    const first = await registries.run('registry', 'import', '--from', source.url, '--to', target.url, '--json');
    expect(first.err).toBe('');
    expect(JSON.parse(first.out)).toMatchObject({
      verdict: 'imported',
      versions: { inSource: 9, present: 0, registered: 9, verified: 9, respelled: 0 },
    });
    expect(first.code).toBe(0);
    expect(await target.contents()).toEqual(await source.contents());

    const second = await registries.run('registry', 'import', '--from', source.url, '--to', target.url, '--json');
    expect(JSON.parse(second.out)).toMatchObject({
      verdict: 'imported',
      versions: { present: 9, registered: 0, deletedSoftly: 0, verified: 9 },
    });
    // Ids go on behind those that are gone.
    expect(await target.register('next', '"int"')).toBe((await source.done('GET', '/truc/last-ids'))[0].lastId + 1);
  });

  it('names what is taken by something else, and overwrites nothing', async () => {
    const target = await registries.start();
    await target.register('other', record('Other'));
    await target.register('orders-value', record('Strange'));
    const before = await target.contents();
    const { code, out } = await registries.run('registry', 'import', '--from', source.url, '--to', target.url, '--json');
    expect(code).toBe(1);
    const { verdict, conflicts } = JSON.parse(out);
    expect(verdict).toBe('refused');
    expect(conflicts).toEqual(
      expect.arrayContaining([
        { kind: 'version', subject: 'orders-value', version: 1, id: 5, idThere: 2 },
        { kind: 'id', subject: 'address', version: 1, id: 1, heldBy: 'version 1 of other' },
        { kind: 'foreign', subject: 'other', versions: 1 },
      ]),
    );
    expect(await target.contents()).toEqual(before);
    const told = await registries.run('registry', 'import', '--from', source.url, '--to', target.url);
    expect(told.out).toContain('version 1 of orders-value is there and is another schema (id 2, 5 in the source)');
    expect(told.out).toMatch(/--into-context[^]*other: 1 version[^]*nothing was written: \d+ conflicts/);
  });

  it('puts a whole context into one of its own, beside what is there', async () => {
    const target = await registries.start();
    await target.register('other', record('Other'));
    const to = ['--to', target.url, '--into-context', '.legacy'];
    const several = await registries.run('registry', 'import', '--from', source.url, ...to);
    expect([several.code, several.err]).toEqual([3, expect.stringMatching(/several \(\., \.staging\): name one with --from-context/)]);
    const { code, out } = await registries.run('registry', 'import', '--from', source.url, '--from-context', '.', ...to, '--json');
    expect([code, JSON.parse(out).verdict, JSON.parse(out).leftOut]).toEqual([0, 'imported', ['.staging']]);
    expect(await target.done('GET', '/subjects')).toEqual([
      ':.legacy:address',
      ':.legacy:orders-value',
      ':.legacy:orders/with slash',
      ':.legacy:person',
      'other',
    ]);
    expect(await target.done('GET', '/contexts/.legacy/config')).toMatchObject({ compatibilityLevel: 'FORWARD' });
    expect((await target.done('GET', '/config')).compatibilityLevel).toBe('BACKWARD');
    const person = (await source.done('GET', '/subjects/person/versions/1')) as { id: number; schema: string };
    expect(await target.done('GET', `/schemas/ids/${person.id}?subject=:.legacy:`)).toMatchObject({ schema: person.schema });
  });

  it('tells in a dry run what it would do, and writes nothing', async () => {
    const target = await registries.start();
    const { code, out } = await registries.run('registry', 'import', '--from', source.url, '--to', target.url, '--dry-run');
    expect(out).toBe(
      '9 versions in the source: 0 are there, 9 would be registered, 3 deleted softly, 0 stay behind; nothing was written\n',
    );
    expect(code).toBe(0);
    expect((await target.contents()) as object).toMatchObject({ versions: [], settings: [] });
  });

  it('catches up with a source that went on', async () => {
    const [from, target] = [await registries.start(), await registries.start()];
    const args = ['registry', 'import', '--from', from.url, '--to', target.url];
    await from.register('a', record('A'));
    await from.register('b', record('B'));
    await from.done('PUT', '/mode', { mode: 'READONLY' });
    expect((await registries.run(...args)).out).toMatch(/it is READONLY now, as the source was[^]*2 registered/);
    await from.done('PUT', '/mode', { mode: 'READWRITE' });
    await from.register('a', record('A', { name: 'b', type: ['null', 'int'], default: null }));
    await from.done('DELETE', '/subjects/b');
    await from.done('PUT', '/config/a', { compatibility: 'NONE' });
    const { code, out } = await registries.run(...args);
    expect([code, out]).toEqual([0, expect.stringContaining('2 were there, 1 registered, 1 deleted softly; 3 read back byte for byte')]);
    expect(await target.contents()).toEqual(await from.contents());
  });
});
