import { signToken, type Principal } from '@truc/access';
import { testPostgres } from '@truc/testing';
import { fields, topic, valueSchemaOf, wholePolicy } from './given-policy.test-data.js';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);
const subject = `${topic}-value`;
// A topic of a generation that the catalogue has left: its rows are still in the log.
const earlier = 'data.g01.population.resident.v0-value';

const imported = (name: string, id: number, version: number, schema: string, query = '') =>
  registry.call('POST', `/subjects/${encodeURIComponent(name)}/versions${query}`, { schema, id, version });
const restored = (name: string, id: number, version: number, schema: string) => imported(name, id, version, schema, '?restore=true');

describe('a lost registry that comes back', () => {
  beforeEach(() => registry.start(true));

  it('takes what the rules would refuse today, and tells what they say of it', async () => {
    await registry.call('PUT', '/mode', { mode: 'IMPORT' });
    const broken = simple('Row');
    const refused = await imported(subject, 7, 3, broken);
    expect([refused.status, refused.body.error_code]).toEqual([422, 42201]);
    const taken = await restored(subject, 7, 3, broken);
    expect(taken).toMatchObject({ status: 200, body: { id: 7, version: 3 } });
    expect(taken.body.warnings.map(({ rule }: { rule: string }) => rule)).toContain('D1');
    expect(await restored(earlier, 8, 1, broken.replace('Row', 'Older'))).toMatchObject({ status: 200 });
    // Not compatible with the version before it: the rules saw to that when it was registered.
    expect(await restored(subject, 9, 4, simple('Row', { name: 'b', type: 'int' }))).toMatchObject({ status: 200 });
    expect(await registry.call('GET', '/schemas/ids/7')).toMatchObject({ status: 200, body: { schema: broken } });
  });

  it('is open only until anything else is registered, and then for good', async () => {
    await registry.call('PUT', '/mode', { mode: 'IMPORT' });
    expect(await restored('orders', 1, 1, simple('O'))).toMatchObject({ status: 200 });
    expect(await imported('other', 2, 1, simple('P'))).toMatchObject({ status: 200 });
    const refused = await restored('more', 3, 1, simple('Q'));
    expect([refused.status, refused.body.error_code]).toEqual([422, 42205]);
    for (const name of ['orders', 'other']) {
      await registry.call('DELETE', `/subjects/${name}`);
      await registry.call('DELETE', `/subjects/${name}?permanent=true`);
    }
    expect(await restored('more', 3, 1, simple('Q'))).toMatchObject({ status: 422, body: { error_code: 42205 } });
  });

  it('is nothing outside of IMPORT mode, and no way around the limits', async () => {
    const outside = await registry.call('POST', `/subjects/${subject}/versions?restore=true`, { schema: simple('Row') });
    expect([outside.status, outside.body.violations.length > 0]).toEqual([422, true]);
    await registry.call('PUT', '/mode', { mode: 'IMPORT' });
    const wide = Array.from({ length: 1_001 }, (_, index) => ({ name: `f${index}`, type: 'int' }));
    expect(await restored(subject, 1, 1, simple('Row', ...wide))).toMatchObject({ status: 422, body: { error_code: 42201 } });
  });

  it('goes on as it was: the rules judge the next version, and no id is given twice', async () => {
    await registry.call('PUT', '/mode', { mode: 'IMPORT' });
    expect(await restored(subject, 7, 1, valueSchemaOf(fields))).toMatchObject({ status: 200 });
    expect(await registry.call('PUT', '/truc/last-ids', [{ context: '.', lastId: 40 }])).toMatchObject({
      body: [{ context: '.', lastId: 40 }],
    });
    // Nothing is lowered.
    await registry.call('PUT', '/truc/last-ids', [{ context: '.', lastId: 3 }]);
    await registry.call('PUT', '/mode', { mode: 'READWRITE' });
    expect(await registry.register(subject, simple('Row'))).toMatchObject({ status: 422, body: { error_code: 42201 } });
    expect(await registry.register('orders', simple('O'))).toMatchObject({ status: 200, body: { id: 41 } });
  });

  it.each([
    [[{ context: 'staging', lastId: 1 }], 400],
    [[{ context: '.a:b', lastId: 1 }], 400],
    [[{ context: '.', lastId: -1 }], 400],
    [[{ context: '.', lastId: 2_000_000_001 }], 400],
    [{ context: '.', lastId: 1 }, 400],
    [[{ context: '.', lastId: 'x' }], 400],
  ])('takes no other ids than those that can be: %j', async (body, status) => {
    expect((await registry.call('PUT', '/truc/last-ids', body)).status).toBe(status);
  });

  it('tells all settings by name, page by page, without those that say nothing', async () => {
    await registry.call('PUT', '/config/b', { compatibility: 'NONE', alias: 'x' });
    await registry.call('PUT', '/mode/:.staging:', { mode: 'READONLY' });
    await registry.call('PUT', '/config/c', { compatibility: 'NONE' });
    await registry.call('DELETE', '/config/c');
    const all = [
      { name: ':.staging:', config: null, mode: 'READONLY' },
      { name: 'b', config: { alias: 'x', compatibilityLevel: 'NONE' }, mode: null },
    ];
    expect((await registry.call('GET', '/truc/settings')).body).toEqual(all);
    expect((await registry.call('GET', '/truc/settings?offset=1&limit=1')).body).toEqual(all.slice(1));
  });
});

describe('who may bring a registry back', () => {
  const integrator: Principal = { name: 'lan.tran', agency: 'G01', role: 'integrator' };
  beforeEach(() => registry.start(false, [...wholePolicy, { kind: 'principal', ...integrator, sinceSeconds: 0 }]));

  it('is who may configure it', async () => {
    const token = await signToken(registry.key.privateJwk, integrator, { expiresInSeconds: 60 });
    const headers = { authorization: `Bearer ${token}` };
    const path = `/subjects/${subject}/versions?restore=true`;
    const answers = [
      await registry.call('POST', path, { schema: simple('Row'), id: 1, version: 1 }, headers),
      await registry.call('PUT', '/truc/last-ids', [{ context: '.', lastId: 1 }], headers),
    ];
    expect(answers.map(({ status, body }) => [status, body.error_code])).toEqual([
      [403, 40301],
      [403, 40301],
    ]);
    expect((await registry.call('GET', '/truc/settings', undefined, headers)).status).toBe(200);
    expect((await registry.call('GET', '/truc/settings')).status).toBe(401);
  });
});
