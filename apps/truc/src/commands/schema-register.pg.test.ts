import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { record } from '../registry/lived-registry.test-data.js';
import { RunningRegistries, type RunningRegistry } from '../registry/running-registries.test-data.js';

const registries = new RunningRegistries();
let registry: RunningRegistry;
beforeAll(async () => (registry = await registries.start()));
afterAll(() => registries.close());

const write = (name: string, schema: object) => writeFileSync(join(registries.directory, name), JSON.stringify(schema));
const register = (file: string, ...more: string[]) => registries.run('schema', 'register', file, '--to', registry.url, ...more);

describe('truc schema register and diff, at a real registry', () => {
  it('register what is new, find what is there, and tell why the next one is refused', async () => {
    write('address.avsc', record('Address'));
    write('person.avsc', record('Person', { name: 'home', type: 'Address' }));
    write('worse.avsc', record('Person', { name: 'home', type: 'Address' }, { name: 'age', type: 'int' }));
    const refers = ['--subject', 'person', '--reference', 'Address=address:1'];
    expect(await register('person.avsc', ...refers, '--dry-run')).toMatchObject({
      code: 2,
      out: expect.stringContaining('no schema reference found'),
    });
    expect(await register('address.avsc', '--subject', 'address')).toEqual({
      code: 0,
      err: '',
      out: 'registered as version 1 of address, id 1\n',
    });
    expect(await register('person.avsc', ...refers, '--dry-run')).toMatchObject({
      code: 0,
      out: 'person would take it; nothing was registered\n',
    });
    expect(await register('person.avsc', ...refers)).toMatchObject({ code: 0, out: 'registered as version 1 of person, id 2\n' });
    expect(await register('person.avsc', ...refers)).toMatchObject({ code: 0, out: 'person has it already: version 1, id 2\n' });
    const worse = await register('worse.avsc', ...refers);
    expect([worse.code, worse.out]).toEqual([
      2,
      expect.stringMatching(/READER_FIELD_MISSING_DEFAULT_VALUE.*age[^]*\{oldSchemaVersion: 1\}\nperson does not take it/),
    ]);
    expect(await registry.done('GET', '/subjects/person/versions')).toEqual([1]);
  });

  it('compare versions with what they refer to, at the level that holds', async () => {
    await registry.done('PUT', '/config/person', { compatibility: 'NONE' });
    expect((await register('worse.avsc', '--subject', 'person', '--reference', 'Address=address:1')).code).toBe(0);
    const { code, out } = await registries.run('schema', 'diff', 'person:1', 'person:latest', '--from', registry.url);
    expect(code).toBe(2);
    expect(out).toContain('  + $.age: int\n');
    expect(out).toContain('readers of B read what was written with A: no\n  /fields/2: the field age is not written and has no default');
    expect(out).toContain('B may follow A at level NONE');
    expect((await registries.run('schema', 'diff', 'person:2', 'person:latest', '--from', registry.url)).code).toBe(0);
  });
});
