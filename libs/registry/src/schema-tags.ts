import { parseExactly, type AvroSchema } from '@truc/avro';
import { z } from 'zod';
import { plainText } from './plain-text.js';
import { RegistryRefusal } from './refusal.js';

/** Attribute of a record or a field under which its tags stand in the schema itself. */
const tagsAttribute = 'confluent:tags';

/** Tags of one place of a schema: a record by its full name, or a field as `record.field`. */
export interface SchemaTags {
  readonly schemaEntity: { readonly entityPath: string; readonly entityType: 'sr_record' | 'sr_field' };
  readonly tags: readonly string[];
}

/** Most places of one change that get or lose tags, and most tags of one of them. */
const placesMax = 1_000;
const tagsMax = 100;
const nameCharsMax = 1_024;

export const schemaTagsShape = z
  .array(
    z.object({
      schemaEntity: z.object({ entityPath: plainText.min(1).max(nameCharsMax), entityType: z.enum(['sr_record', 'sr_field']) }),
      tags: z.array(plainText.max(nameCharsMax)).max(tagsMax),
    }),
  )
  .max(placesMax);

/** Tags that are to be added to a schema's text, and then those that are to be removed. */
export interface TagChange {
  readonly add: readonly SchemaTags[];
  readonly remove: readonly SchemaTags[];
}

type Json = Record<string, unknown>;

/**
 * A schema's text with other tags.
 * @throws RegistryRefusal invalidSchema: it is no schema, or has no such place
 */
export function taggedText(text: string, { add, remove }: TagChange): string {
  if (add.length === 0 && remove.length === 0) return text;
  const schema = parsedText(text);
  const nodes = nodesByPlace(schema);
  const changes = new Map<
    string,
    { readonly entity: SchemaTags['schemaEntity']; readonly added: string[]; readonly removed: Set<string> }
  >();
  const changeOf = ({ schemaEntity: entity }: SchemaTags) => {
    const key = placeKey(entity.entityType, entity.entityPath);
    const change = changes.get(key) ?? { entity, added: [], removed: new Set<string>() };
    changes.set(key, change);
    return change;
  };
  for (const each of add) changeOf(each).added.push(...each.tags);
  for (const each of remove) for (const tag of each.tags) changeOf(each).removed.add(tag);
  for (const [key, { entity, added, removed }] of changes) {
    const node = nodes.get(key);
    if (node === undefined)
      throw new RegistryRefusal('invalidSchema', `Invalid schema: it has no ${entity.entityType} '${entity.entityPath}'`);
    const left = [...new Set([...tagsIn(node[tagsAttribute]), ...added])].filter((tag) => !removed.has(tag));
    if (left.length > 0) node[tagsAttribute] = left;
    else delete node[tagsAttribute];
  }
  return JSON.stringify(schema);
}

/** The tags of a schema by their places; `*` asks for all of them. */
export function tagsOf(schema: AvroSchema, wanted: readonly string[]): SchemaTags[] {
  const found: SchemaTags[] = [];
  const seen = new Set<AvroSchema>();
  const note = (entityPath: string, entityType: 'sr_record' | 'sr_field', value: unknown): void => {
    const tags = tagsIn(value);
    const isWanted = wanted.includes('*') ? tags.length > 0 : tags.some((tag) => wanted.includes(tag));
    if (isWanted) found.push({ schemaEntity: { entityPath, entityType }, tags });
  };
  const visit = (each: AvroSchema): void => {
    if (each.type === 'union') each.branches.forEach(visit);
    if (each.type === 'array') visit(each.items);
    if (each.type === 'map') visit(each.values);
    if (each.type !== 'record' || seen.has(each)) return;
    seen.add(each);
    note(each.name, 'sr_record', each.attributes[tagsAttribute]);
    for (const field of each.fields) {
      note(`${each.name}.${field.name}`, 'sr_field', field.attributes[tagsAttribute]);
      visit(field.schema);
    }
  };
  visit(schema);
  return found;
}

function tagsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function parsedText(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    throw new RegistryRefusal('invalidSchema', 'Invalid schema: not JSON');
  }
}

function placeKey(entityType: string, entityPath: string): string {
  return `${entityType} ${entityPath.replace(/^\./, '')}`;
}

/** The JSON of every record and field by its place, found in one walk; a path without a namespace is that of the first record of the name. */
function nodesByPlace(schema: unknown): Map<string, Json> {
  const nodes = new Map<string, Json>();
  const note = (key: string, node: Json): void => void (nodes.has(key) || nodes.set(key, node));
  const waiting: { json: unknown; space: string }[] = [{ json: schema, space: '' }];
  // It grows while it is walked.
  for (const { json, space } of waiting) {
    if (Array.isArray(json)) for (const branch of json) waiting.push({ json: branch as unknown, space });
    if (typeof json !== 'object' || json === null || Array.isArray(json)) continue;
    const node = json as Json;
    const name = String(node['name'] ?? '');
    const own = name.includes('.')
      ? name.slice(0, name.lastIndexOf('.'))
      : typeof node['namespace'] === 'string'
        ? node['namespace']
        : space;
    const simple = name.slice(name.lastIndexOf('.') + 1);
    const fields = Array.isArray(node['fields']) ? (node['fields'] as Json[]) : null;
    if (fields === null) {
      const { items, values, type } = node;
      for (const part of [items, values, typeof type === 'object' ? type : null]) waiting.push({ json: part, space });
      continue;
    }
    for (const record of new Set([simple, `${own}.${simple}`])) {
      note(placeKey('sr_record', record), node);
      for (const field of fields) note(placeKey('sr_field', `${record}.${String(field?.['name'])}`), field);
    }
    for (const field of fields) waiting.push({ json: field?.['type'], space: own });
  }
  return nodes;
}
