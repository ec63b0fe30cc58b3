import type { AvroCodec } from '@truc/avro';
import { messageOf, TrucError } from '@truc/kernel';
import type { TargetBatch, TargetChange, TargetTable } from './change-target.js';
import type { LogBatch, StoredRecord } from './log.js';
import type { ReceivedEvent } from './received-event.js';
import type { Rejection } from './rejection-log.js';

/** A batch for the target, and the record that each of its changes came from. */
export interface PreparedBatch {
  readonly batch: TargetBatch;
  readonly origins: readonly StoredRecord[];
}

export interface PreparedChanges {
  /** Joined end to start: together they move the offset as the fetched batch does. Never empty. */
  readonly prepared: readonly PreparedBatch[];
  readonly rejections: readonly Rejection[];
  /** Time of the newest source commit, in milliseconds since the Unix epoch; null where nothing is applied. */
  readonly newestMs: number | null;
}

interface OpenRun {
  readonly table: TargetTable;
  readonly changes: TargetChange[];
  readonly origins: StoredRecord[];
}

/**
 * What a fetched batch means to a table. A batch in which the schema changes becomes several, one for each shape of the table, in order.
 * @param tableOf the table of a schema; a TrucError that it throws refuses the records of that schema
 * @param usual the table for what names no schema: tombstones, and offsets alone
 */
export function targetBatchesOf(
  fetched: LogBatch,
  events: readonly ReceivedEvent[],
  tableOf: (codec: AvroCodec) => TargetTable,
  usual: TargetTable,
): PreparedChanges {
  const runs: OpenRun[] = [];
  const rejections: Rejection[] = [];
  let newestMs: number | null = null;
  const add = (table: TargetTable | null, change: TargetChange, origin: StoredRecord, timeMs: number): void => {
    let run = runs.at(-1);
    if (run === undefined || (table !== null && run.table !== table))
      runs.push((run = { table: table ?? usual, changes: [], origins: [] }));
    run.changes.push(change);
    run.origins.push(origin);
    newestMs = Math.max(newestMs ?? 0, timeMs);
  };
  for (const [index, event] of events.entries()) {
    const record = fetched.records[index] as StoredRecord;
    switch (event.kind) {
      case 'refused':
        rejections.push({ record, reasons: event.reasons });
        break;
      case 'tombstone':
        add(null, { kind: 'delete', key: event.key, position: event.position }, record, event.timestampMs);
        break;
      case 'event': {
        const { key, position, codec, envelope } = event;
        const table = tableOrReason(tableOf, codec);
        if ('reason' in table) {
          rejections.push({ record, reasons: [{ rule: table.code, field: 'value', reason: table.reason }] });
          break;
        }
        const { after } = envelope;
        const change: TargetChange = after === null ? { kind: 'delete', key, position } : { kind: 'upsert', key, position, row: after };
        add(table.table, change, record, Number(envelope.source.ts_ms));
        break;
      }
    }
  }
  return { prepared: joined(fetched, runs, usual), rejections, newestMs };
}

function joined({ topic, partition, fetchedFrom, nextOffset }: LogBatch, runs: readonly OpenRun[], usual: TargetTable): PreparedBatch[] {
  if (runs.length === 0) return [{ batch: { topic, partition, fetchedFrom, nextOffset, table: usual, changes: [] }, origins: [] }];
  let from = fetchedFrom;
  return runs.map(({ table, changes, origins }, index) => {
    const to = index === runs.length - 1 ? nextOffset : (origins.at(-1) as StoredRecord).offset + 1n;
    const batch: TargetBatch = { topic, partition, fetchedFrom: from, nextOffset: to, table, changes };
    from = to;
    return { batch, origins };
  });
}

function tableOrReason(
  tableOf: (codec: AvroCodec) => TargetTable,
  codec: AvroCodec,
): { readonly table: TargetTable } | { readonly code: string; readonly reason: string } {
  try {
    return { table: tableOf(codec) };
  } catch (error) {
    if (error instanceof TrucError) return { code: error.code, reason: messageOf(error) };
    throw error;
  }
}
