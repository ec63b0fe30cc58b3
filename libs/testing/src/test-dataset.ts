import { compileCodec, frame, type AvroCodec } from '@truc/avro';
import {
  datasetValueSchema,
  encodeMasterDataKey,
  masterDataKeySchema,
  partitionForCode,
  positionHeaders,
  type ChangeEnvelope,
  type ChangeOperation,
} from '@truc/change-event';
import type { Position, Row } from '@truc/kernel';
import type { LogRecord } from '@truc/pipeline';
import type { TestSchemas } from './test-schemas.js';

/** Fields of the residents that tests share; `personalId` is the code. */
export const residentFields = [
  { name: 'personalId', type: 'string' },
  { name: 'fullName', type: 'string' },
  { name: 'birthDate', type: ['null', { type: 'int', logicalType: 'date' }], default: null },
  { name: 'registeredAt', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }], default: null },
  { name: 'landArea', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }], default: null },
];

/** A personal identification number that its rule accepts. */
export function personalId(number: number): string {
  return `001099${String(number).padStart(6, '0')}`;
}

/** A dataset's topic as a test fills it: events as an agent would write them. Registers its schemas. */
export class TestDataset {
  readonly name = 'population.resident';
  readonly scheme = 'personal-id';
  readonly codeField = 'personalId';
  readonly topic: string;
  readonly partitions: number;
  readonly valueSchema: string;
  readonly keySchemaId: number;
  readonly valueSchemaId: number;
  readonly #codec: AvroCodec;

  constructor(topic: string, partitions: number, schemas: TestSchemas, fields: readonly object[] = residentFields) {
    this.topic = topic;
    this.partitions = partitions;
    this.valueSchema = datasetValueSchema(topic, { type: 'record', name: 'Row', fields });
    this.keySchemaId = schemas.register(`${topic}-key`, masterDataKeySchema);
    this.valueSchemaId = schemas.register(`${topic}-value`, this.valueSchema);
    this.#codec = compileCodec(this.valueSchema);
  }

  row(number: number, more: Row = {}): Row {
    const code = personalId(number);
    return {
      personalId: code,
      fullName: `Người ${number}`,
      birthDate: 7_300,
      registeredAt: 1_700_000_000_000_000n,
      landArea: 12_345n,
      ...more,
    };
  }

  change(
    op: ChangeOperation,
    number: number,
    position: Position,
    after: Row | null = op === 'd' ? null : this.row(number),
    row = '',
  ): LogRecord {
    const { epoch, sequence, index } = position;
    const source = {
      connector: 'postgresql',
      sourceId: 'g01.population',
      ts_ms: 1_700_000_000_000n,
      snapshot: op === 'r',
      txId: null,
      epoch,
      sequence,
      index: BigInt(index),
      release: 1,
    };
    const envelope: ChangeEnvelope = { before: null, after, source, op, ts_ms: source.ts_ms, transaction: null };
    return { ...this.tombstone(number, position, row), value: frame(this.valueSchemaId, this.#codec.encode(envelope)) };
  }

  tombstone(number: number, position: Position, row = ''): LogRecord {
    const code = personalId(number);
    return {
      topic: this.topic,
      partition: partitionForCode(code, this.partitions),
      key: encodeMasterDataKey({ scheme: this.scheme, code, row }, this.keySchemaId),
      value: null,
      headers: positionHeaders(position),
      timestampMs: 1_700_000_000_000,
    };
  }
}
