import { masterDataKeySchema } from '@truc/change-event';
import { TrucError } from '@truc/kernel';
import type { SchemaLookup } from './schema-lookup.js';
import { TopicSchemas } from './topic-schemas.js';

const topic = 'data.g01.population.resident.v1';
const row = JSON.stringify({ type: 'record', name: 'Row', fields: [{ name: 'a', type: 'string' }] });

/** A registry whose texts are looked up by nothing but their ids. */
const lookup = (texts: Record<number, string>, subjects: Record<string, number[]>): SchemaLookup => ({
  schemaById: (id) => Promise.resolve(texts[id] ?? null),
  hasVersion: (subject, id) => Promise.resolve(subjects[subject]?.includes(id) === true),
  idOf: () => Promise.resolve(null),
});

describe('TopicSchemas', () => {
  it('takes every version of its own subject, and asks for nothing that is told of it besides', async () => {
    const schemas = new TopicSchemas(lookup({ 1: masterDataKeySchema, 2: row }, { [`${topic}-key`]: [1], [`${topic}-value`]: [2] }), topic);
    expect(await schemas.key(1)).toHaveProperty('codec');
    expect(await schemas.value(2)).toHaveProperty('codec');
    expect(await schemas.value(1)).toMatchObject({ refusal: { code: 'SCHEMA_NOT_OF_TOPIC' } });
    expect(await schemas.value(3)).toMatchObject({ refusal: { code: 'SCHEMA_UNKNOWN' } });
  });

  it('refuses a schema that the registry will not hand out, and goes on with the next; while nothing answers nothing is refused', async () => {
    const good = lookup({ 2: row }, { [`${topic}-value`]: [2] });
    const failing = (code: string, retry: boolean): SchemaLookup => ({
      ...good,
      schemaById: (id) => (id === 1 ? Promise.reject(new TrucError(code, 'so it is', { retry })) : good.schemaById(id)),
    });
    const schemas = new TopicSchemas(failing('REGISTRY_REFUSED', false), topic);
    expect(await schemas.value(1)).toMatchObject({ refusal: { code: 'SCHEMA_UNREADABLE' } });
    expect(await schemas.value(2)).toHaveProperty('codec');
    await expect(new TopicSchemas(failing('REGISTRY_UNREACHABLE', true), topic).value(1)).rejects.toMatchObject({ retry: true });
  });

  it('refuses a schema that does not parse alone', async () => {
    const alone = JSON.stringify({ type: 'record', name: 'Row', fields: [{ name: 'a', type: 'Elsewhere' }] });
    const schemas = new TopicSchemas(lookup({ 1: alone }, { [`${topic}-value`]: [1] }), topic);
    expect(await schemas.value(1)).toMatchObject({ refusal: { code: 'AVRO_SCHEMA_INVALID' } });
  });
});
