import { parseAvroSchema } from '@truc/avro';
import { tagsOf, taggedText, type SchemaTags } from './schema-tags.js';

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

  it.each([field('vn.people.Person.none', 'X'), record('Nobody', 'X'), field('code', 'X'), record('other.Person', 'X')])(
    'have a place: not %j',
    (tags) => {
      expect(() => taggedText(text, { add: [tags], remove: [] })).toThrow(expect.objectContaining({ errorCode: 42201 }));
      expect(() => taggedText('{', { add: [tags], remove: [] })).toThrow(expect.objectContaining({ errorCode: 42201 }));
    },
  );
});
