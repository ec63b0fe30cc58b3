import { compileCodec, frame, type AvroCodec } from '@truc/avro';
import { encodeMasterDataKey, partitionForCode, positionHeaders, type ChangeEnvelope } from '@truc/change-event';
import type { DatasetPolicy } from '@truc/coordination';
import type { Row } from '@truc/kernel';
import type { LogRecord } from '@truc/pipeline';

/** Events of a dataset as its agent would write them, in which one thing may be another than it says. */
export class ForgedEvents {
  readonly #dataset: DatasetPolicy;
  readonly #keySchemaId: number;
  readonly #codec: AvroCodec;

  constructor(dataset: DatasetPolicy, keySchemaId: number) {
    this.#dataset = dataset;
    this.#keySchemaId = keySchemaId;
    this.#codec = compileCodec(dataset.valueSchema);
  }

  /** A create of the row at this place of epoch 1. @param code what the key says @param marks what its publisher claims to have let pass */
  made(sequence: bigint, after: Row, code: string, valueSchemaId: number, marks: readonly string[] = []): LogRecord {
    const { topic, partitions, scheme, release } = this.#dataset;
    const nowMs = Date.now();
    const source = {
      connector: 'postgresql',
      sourceId: 'g01.population',
      ts_ms: BigInt(nowMs),
      snapshot: false,
      txId: null,
      epoch: 1,
      sequence,
      index: 0n,
      release,
    };
    const envelope: ChangeEnvelope = { before: null, after, source, op: 'c', ts_ms: source.ts_ms, transaction: null };
    return {
      topic,
      partition: partitionForCode(code, partitions),
      key: encodeMasterDataKey({ scheme, code, row: `["${code}"]` }, this.#keySchemaId),
      value: frame(valueSchemaId, this.#codec.encode(envelope)),
      headers: [
        ...positionHeaders({ epoch: 1, sequence, index: 0 }),
        ...(marks.length === 0 ? [] : [{ key: 'truc-marks', value: Buffer.from(marks.join('\n')) }]),
      ],
      timestampMs: nowMs,
    };
  }
}
