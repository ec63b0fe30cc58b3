import type { Position, Row } from '@truc/kernel';
import { shippedSchema } from './shipped-schema.js';

/** What happened to a row: create, update, delete, read (by a snapshot). */
export type ChangeOperation = 'c' | 'u' | 'd' | 'r';

/** `source` of a dataset topic's events (schemas/avro/Source.avsc). */
export interface SourceBlock {
  readonly connector: string;
  readonly sourceId: string;
  readonly ts_ms: bigint;
  readonly snapshot: boolean;
  readonly txId: string | null;
  readonly epoch: number;
  readonly sequence: bigint;
  readonly index: bigint;
  readonly release: number;
}

/** `source` of a view topic's events: position and time only (schemas/avro/ViewSource.avsc). */
export interface ViewSourceBlock {
  readonly ts_ms: bigint;
  readonly epoch: number;
  readonly sequence: bigint;
  readonly index: bigint;
}

export interface TransactionBlock {
  readonly id: string;
  readonly total_order: bigint;
  readonly data_collection_order: bigint;
}

/** Value of a dataset topic's record: Debezium's envelope. */
export interface ChangeEnvelope {
  readonly before: Row | null;
  readonly after: Row | null;
  readonly source: SourceBlock;
  readonly op: ChangeOperation;
  readonly ts_ms: bigint | null;
  readonly transaction: TransactionBlock | null;
}

/** Value of a view topic's record: `before` is always null and there is no transaction. */
export interface ViewEnvelope {
  readonly before: null;
  readonly after: Row | null;
  readonly source: ViewSourceBlock;
  readonly op: ChangeOperation;
  readonly ts_ms: bigint | null;
}

/** A topic's name as an Avro namespace: `data.g12-34.x.v1` is `vn.gov.truc.data.g12_34.x.v1`; a part that starts with a digit gets a `v` in front. */
export function namespaceOfTopic(topic: string): string {
  const parts = topic.split('.').map((part) => part.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^[0-9]/, 'v$&'));
  return ['vn.gov.truc', ...parts].join('.');
}

function envelopeSchema(namespace: string, rowSchema: object, source: string, more: object[]): string {
  const { name } = rowSchema as { name: string };
  return JSON.stringify({
    type: 'record',
    name: 'Envelope',
    namespace,
    fields: [
      { name: 'before', type: ['null', rowSchema], default: null },
      { name: 'after', type: ['null', name], default: null },
      { name: 'source', type: JSON.parse(source) },
      { name: 'op', type: 'string' },
      { name: 'ts_ms', type: ['null', 'long'], default: null },
      ...more,
    ],
  });
}

/** Value schema of a dataset topic around its row record. `rowSchema` is a record schema without a namespace of its own or with the topic's. */
export function datasetValueSchema(topic: string, rowSchema: object): string {
  return envelopeSchema(namespaceOfTopic(topic), rowSchema, shippedSchema('Source'), [
    { name: 'transaction', type: ['null', JSON.parse(shippedSchema('Transaction'))], default: null },
  ]);
}

/** Value schema of a view topic around its projected row record. */
export function viewValueSchema(topic: string, rowSchema: object): string {
  return envelopeSchema(namespaceOfTopic(topic), rowSchema, shippedSchema('ViewSource'), []);
}

export function positionOfSource(source: ViewSourceBlock): Position {
  return { epoch: source.epoch, sequence: source.sequence, index: Number(source.index) };
}
