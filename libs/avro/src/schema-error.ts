import { TrucError } from '@truc/kernel';

/**
 * A schema text that is not accepted. `path` is the JSON path of the place: `$.fields[3].type`.
 * Code AVRO_SCHEMA_INVALID (not Avro) or AVRO_SCHEMA_LIMIT (Avro, but beyond the limits of the backbone, rule D12).
 */
export class AvroSchemaError extends TrucError {
  readonly path: string;
  readonly problem: string;

  constructor(code: 'AVRO_SCHEMA_INVALID' | 'AVRO_SCHEMA_LIMIT', path: string, problem: string) {
    super(code, `${path}: ${problem}`);
    this.path = path;
    this.problem = problem;
  }
}
