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

export const schemaTagsShape = z.array(
  z.object({
    schemaEntity: z.object({ entityPath: plainText.min(1), entityType: z.enum(['sr_record', 'sr_field']) }),
    tags: z.array(plainText),
  }),
);

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
  const places = new Map(
    [...add, ...remove].map(({ schemaEntity }) => [`${schemaEntity.entityType} ${schemaEntity.entityPath}`, schemaEntity]),
  );
  for (const place of places.values()) {
    const isHere = ({ schemaEntity }: SchemaTags): boolean =>
      schemaEntity.entityPath === place.entityPath && schemaEntity.entityType === place.entityType;
    const node = nodeAt(schema, place);
    if (node === null) throw new RegistryRefusal('invalidSchema', `Invalid schema: it has no ${place.entityType} '${place.entityPath}'`);
    const removed = remove.filter(isHere).flatMap(({ tags }) => tags);
    const all = [...tagsIn(node[tagsAttribute]), ...add.filter(isHere).flatMap(({ tags }) => tags)];
    const left = [...new Set(all)].filter((tag) => !removed.includes(tag));
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

/** The JSON of a record or a field; a path without a namespace finds the first record of the name. */
function nodeAt(schema: unknown, { entityPath, entityType }: SchemaTags['schemaEntity']): Json | null {
  const path = entityPath.replace(/^\./, '');
  const dot = path.lastIndexOf('.');
  const [record, field] = entityType === 'sr_record' ? [path, null] : [path.slice(0, Math.max(dot, 0)), path.slice(dot + 1)];
  const next: { json: unknown; space: string }[] = [{ json: schema, space: '' }];
  for (let each = next.shift(); each !== undefined; each = next.shift()) {
    const { json, space } = each;
    if (Array.isArray(json)) next.push(...json.map((branch) => ({ json: branch as unknown, space })));
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
    if (fields !== null && (record === simple || record === `${own}.${simple}`)) {
      const found = field === null ? node : fields.find((candidate) => candidate?.['name'] === field);
      if (found !== undefined) return found;
    }
    const inside = fields?.map((candidate) => candidate?.['type']) ?? [
      node['items'],
      node['values'],
      typeof node['type'] === 'object' ? node['type'] : null,
    ];
    next.push(...inside.map((part) => ({ json: part, space: fields === null ? space : own })));
  }
  return null;
}
