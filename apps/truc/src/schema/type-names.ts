import { isNamed, type AvroSchema, type EnumSchema, type FixedSchema, type RecordSchema } from '@truc/avro';

export type NamedType = RecordSchema | EnumSchema | FixedSchema;

/** The named types of a schema, each once, in the order in which they are met. */
export function namedTypes(root: AvroSchema): NamedType[] {
  const found = new Set<NamedType>();
  const visit = (schema: AvroSchema): void => {
    if (isNamed(schema)) {
      if (found.has(schema)) return;
      found.add(schema);
    }
    if (schema.type === 'record') for (const field of schema.fields) visit(field.schema);
    else if (schema.type === 'union') schema.branches.forEach(visit);
    else if (schema.type === 'array') visit(schema.items);
    else if (schema.type === 'map') visit(schema.values);
  };
  visit(root);
  return [...found];
}

/** The last part of a full name. */
export function simpleName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

/**
 * Gives names that are taken once only, whatever case they are written in (files of classes live on disks that do not tell case): a name that is reserved, or was given before, gets an
 * underscore, and then a number.
 */
export class NameGiver {
  readonly #reserved: ReadonlySet<string>;
  readonly #given = new Set<string>();

  constructor(reserved: Iterable<string>) {
    this.#reserved = new Set(reserved);
  }

  give(wanted: string): string {
    for (let attempt = 0; ; attempt++) {
      const name = attempt === 0 ? wanted : attempt === 1 ? `${wanted}_` : `${wanted}_${attempt}`;
      if (this.#reserved.has(name) || this.#given.has(name.toLowerCase())) continue;
      this.#given.add(name.toLowerCase());
      return name;
    }
  }
}
