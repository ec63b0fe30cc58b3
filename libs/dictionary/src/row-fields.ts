import type { AvroSchema } from '@truc/avro';
import type { FieldPolicy } from './field-policy.js';
import { parseElementReference } from './element-name.js';
import { valueShape } from './row-record.js';

/**
 * The fields of a value schema's row record as the schema itself tells them: element, role and protection are attributes, and what is not nullable is required. A field that
 * names no element is left out.
 */
export function rowFieldsOf(schema: AvroSchema): FieldPolicy[] {
  const [row] = valueShape(schema).rows;
  return (row?.record.fields ?? []).flatMap(({ name, attributes, schema: type }): FieldPolicy[] => {
    const { dictionaryElement, dictionaryRole, protection } = attributes;
    if (typeof dictionaryElement !== 'string') return [];
    return [
      {
        name,
        element: parseElementReference(dictionaryElement).urn,
        role: dictionaryRole === 'reference' ? 'reference' : 'source',
        protection: protection === 'masked' || protection === 'encrypted' ? protection : 'none',
        required: type.type !== 'union',
        ...(isListSchema(type) ? { isList: true } : {}),
      },
    ];
  });
}

function isListSchema(schema: AvroSchema): boolean {
  return schema.type === 'array' || (schema.type === 'union' && schema.branches.some(({ type }) => type === 'array'));
}
