import { parseAvroSchema } from '@truc/avro';
import { schemaTagsShape, tagsOf, taggedText, type SchemaTags } from './schema-tags.js';

const text = JSON.stringify({
  type: 'record',
  name: 'Person',
  namespace: 'vn.people',
  fields: [
    { name: 'code', type: 'string', 'confluent:tags': ['PII'] },
    { name: 'home', type: ['null', { type: 'record', name: 'Address', fields: [{ name: 'street', type: 'string' }] }], default: null },
    { name: 'past', type: { type: 'array', items: 'Address' } },
  ],
});
const field = (entityPath: string, ...tags: string[]): SchemaTags => ({ schemaEntity: { entityPath, entityType: 'sr_field' }, tags });
const record = (entityPath: string, ...tags: string[]): SchemaTags => ({ schemaEntity: { entityPath, entityType: 'sr_record' }, tags });
const told = (schema: string, ...wanted: string[]) => tagsOf(parseAvroSchema(schema), wanted);

describe('tags in a schema', () => {
  it('are found by their place', () => {
    expect(told(text, '*')).toEqual([field('vn.people.Person.code', 'PII')]);
    expect(told(text, 'OTHER')).toEqual([]);
  });

  it('are added and removed, in nested records too', () => {
    const changed = taggedText(text, {
      add: [field('vn.people.Address.street', 'PII', 'PLACE'), record('Person', 'MASTER')],
      remove: [field('vn.people.Person.code', 'PII')],
    });
    expect(told(changed, '*')).toEqual([record('vn.people.Person', 'MASTER'), field('vn.people.Address.street', 'PII', 'PLACE')]);
    expect(told(changed, 'PLACE')).toEqual([field('vn.people.Address.street', 'PII', 'PLACE')]);
    expect(taggedText(text, { add: [], remove: [] })).toBe(text);
  });

  it('of a place without a namespace go to the first record of the name that has it', () => {
    const inner = { type: 'record', name: 'b.R', fields: [{ name: 'x', type: 'int' }] };
    const two = JSON.stringify({ type: 'record', name: 'a.R', fields: [{ name: 'r', type: inner }] });
    const changed = taggedText(two, { add: [record('R', 'FIRST'), record('b.R', 'SECOND'), field('R.x', 'ONLY')], remove: [] });
    expect(told(changed, '*')).toEqual([record('a.R', 'FIRST'), record('b.R', 'SECOND'), field('b.R.x', 'ONLY')]);
  });

  it('are so many and so long at most', () => {
    const takes = (tags: SchemaTags[]) => schemaTagsShape.safeParse(tags).success;
    expect(takes(Array.from({ length: 1_000 }, () => field('R.a', 'X')))).toBe(true);
    expect(takes(Array.from({ length: 1_001 }, () => field('R.a', 'X')))).toBe(false);
    expect(takes([field('R.a', ...Array.from({ length: 101 }, String))])).toBe(false);
    expect(takes([field('R.a', 'X'.repeat(1_025))])).toBe(false);
    expect(takes([field('R'.repeat(1_025), 'X')])).toBe(false);
  });

  it.each([field('vn.people.Person.none', 'X'), record('Nobody', 'X'), field('code', 'X'), record('other.Person', 'X')])(
    'have a place: not %j',
    (tags) => {
      expect(() => taggedText(text, { add: [tags], remove: [] })).toThrow(expect.objectContaining({ errorCode: 42201 }));
      expect(() => taggedText('{', { add: [tags], remove: [] })).toThrow(expect.objectContaining({ errorCode: 42201 }));
    },
  );
});
