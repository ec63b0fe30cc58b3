import { compileCodec, frame, type AvroCodec } from '@truc/avro';
import { encodeMasterDataKey, masterDataKeySchema, positionHeaders, type ChangeEnvelope } from '@truc/change-event';
import { compileProjection, type ViewPolicy, type ViewProjection } from '@truc/contracts';
import type { LogReader, LogRecord, StoredRecord } from './log.js';
import type { ReceivedEvent } from './received-event.js';
import type { SchemaLookup } from './schema-lookup.js';

/** A view whose topic and schemas are there: turns what was received from the dataset into the view's records. */
export class FanoutView {
  readonly policy: ViewPolicy;
  readonly #projection: ViewProjection;
  readonly #codec: AvroCodec;
  readonly #keySchemaId: number;
  readonly #valueSchemaId: number;

  constructor(policy: ViewPolicy, rootSecret: Buffer, ids: { readonly key: number; readonly value: number }) {
    this.policy = policy;
    this.#projection = compileProjection(policy, rootSecret);
    this.#codec = compileCodec(policy.valueSchema);
    this.#keySchemaId = ids.key;
    this.#valueSchemaId = ids.value;
  }

  /**
   * The record of the view. A tombstone of the dataset becomes one of the view, 1:1: the agent follows each delete with its tombstone, so that each delete of the
   * view is followed by one of its own without the distributor counting deletes.
   * No header of the dataset is carried over but the position; its key moves may name a former key in clear.
   * @throws TrucError AVRO_VALUE_INVALID when the row does not fit the view's schema
   */
  record(event: Exclude<ReceivedEvent, { kind: 'refused' }>, { partition, timestampMs }: StoredRecord): LogRecord {
    const value =
      event.kind === 'tombstone'
        ? null
        : frame(this.#valueSchemaId, this.#codec.encode(this.#projection.value(event.envelope as ChangeEnvelope)));
    return {
      topic: this.policy.topic,
      partition,
      key: encodeMasterDataKey(this.#projection.key(event.key), this.#keySchemaId),
      value,
      headers: positionHeaders(event.position),
      timestampMs,
    };
  }
}

/** Opens a view, or says what it waits for. @throws TrucError REGISTRY_UNREACHABLE (retry), those of the log */
export async function openFanoutView(
  policy: ViewPolicy,
  rootSecret: Buffer,
  { reader, schemas }: { readonly reader: LogReader; readonly schemas: SchemaLookup },
): Promise<FanoutView | { readonly waitsFor: string }> {
  const { topic, partitions, valueSchema } = policy;
  const found = await reader.partitions(topic);
  if (found === null || found === 0) return { waitsFor: `the topic ${topic} is not there yet` };
  if (found !== partitions) return { waitsFor: `the topic ${topic} has ${found} partitions and the policy says ${partitions}` };
  const value = await schemas.idOf(`${topic}-value`, valueSchema);
  const key = await schemas.idOf(`${topic}-key`, masterDataKeySchema);
  if (value === null || key === null) return { waitsFor: `the schemas of ${topic} are not registered yet` };
  return new FanoutView(policy, rootSecret, { key, value });
}
