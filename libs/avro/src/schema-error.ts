import { TrucError } from '@truc/kernel';

/** Which limit of the backbone (schemaLimits) a schema breaks; `name` is a name that is not written in ASCII letters, digits and underscores. */
export type BrokenLimit = 'textBytes' | 'jsonDepth' | 'depth' | 'fields' | 'name' | 'nameChars' | 'fixedBytes' | 'itemBytes';

/**
 * A schema text that is not accepted. `path` is the JSON path of the place: `$.fields[3].type`.
 * Code AVRO_SCHEMA_INVALID (not Avro) or AVRO_SCHEMA_LIMIT (Avro, but beyond the limits of the backbone, rule D12).
 */
export class AvroSchemaError extends TrucError {
  readonly path: string;
  readonly problem: string;
  /** With AVRO_SCHEMA_LIMIT: the limit, and what was found: a number, or the name. */
  readonly limit: { readonly kind: BrokenLimit; readonly found: string } | null;

  constructor(
    code: 'AVRO_SCHEMA_INVALID' | 'AVRO_SCHEMA_LIMIT',
    path: string,
    problem: string,
    limit: { readonly kind: BrokenLimit; readonly found: string } | null = null,
  ) {
    super(code, `${path}: ${problem}`);
    this.path = path;
    this.problem = problem;
    this.limit = limit;
  }
}
