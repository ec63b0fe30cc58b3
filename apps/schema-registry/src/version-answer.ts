import type { CataloguedVersion } from '@truc/registry-store';

/** A version in Confluent's shape: `references` only where there are any, no `schemaType` for Avro. */
export function versionAnswer({ subject, version, id, schema, references }: CataloguedVersion) {
  return { subject, version, id, schema, ...(references.length === 0 ? {} : { references }) };
}
