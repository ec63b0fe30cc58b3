import { testPostgres } from '@truc/testing';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { dataset, topic } from './given-policy.test-data.js';
import { RunningRegistry, simple } from './running-registry.test-data.js';

const registry = new RunningRegistry(testPostgres);

describe("Confluent's API", () => {
  beforeEach(() => registry.start(true));

  it('serves a real client: register, encode, decode, look up', async () => {
    const client = new SchemaRegistry({ host: registry.url });
    const { id } = await client.register({ type: SchemaType.AVRO, schema: simple('R') }, { subject: 'free-value' });
    expect(await client.decode(await client.encode(id, { a: 'xin chào' }))).toMatchObject({ a: 'xin chào' });
    const stranger = new SchemaRegistry({ host: registry.url });
    expect(await stranger.decode(await client.encode(id, { a: 'x' }))).toMatchObject({ a: 'x' });
    expect(await stranger.getLatestSchemaId('free-value')).toBe(id);
    expect(await stranger.getRegistryIdBySchema('free-value', { type: SchemaType.AVRO, schema: simple('R') })).toBe(id);
    // A dataset's subject has its level from the beginning, so the client does not try to set another.
    const full = { subject: `${topic}-value`, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
    const registered = await client.register({ type: SchemaType.AVRO, schema: dataset.valueSchema }, full);
    expect(await stranger.getLatestSchemaId(`${topic}-value`)).toBe(registered.id);
  });

  it('tells its health and its metrics to everybody', async () => {
    await registry.register('free-value', simple('R'));
    expect((await registry.call('GET', '/health/live')).status).toBe(200);
    expect((await registry.call('GET', '/health/ready')).body).toMatchObject({
      status: 'ready',
      database: 'answers',
      policy: 'read',
      rules: true,
    });
    const { body } = await registry.call('GET', '/metrics');
    expect(body).toMatch(/truc_http_requests.*POST \/subjects\/:subject\/versions/);
    expect(body).not.toContain('free-value');
  });

  it('logs what failed when its database does, and nothing of what it was given', async () => {
    const canary = 'canary_001099012345';
    await registry.database.query('DROP TABLE registry.schema CASCADE');
    registry.logged();
    const answer = await registry.register(`${canary}-value`, simple('R', { name: canary, type: 'int' }));
    expect(answer).toMatchObject({ status: 500, body: { error_code: 50001 } });
    const logged = registry.logged();
    expect(logged).toContain('42P01');
    expect(logged).not.toContain(canary);
  });
});
