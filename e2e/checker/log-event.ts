import { createHash } from 'node:crypto';
import type { StoredRecord } from '@truc/pipeline';
import { placeOfHeaders, type Place } from './position.js';
import { recordHash, type PlainRecord } from './record-hash.js';
import type { RegistrySchemas } from './registry-schemas.js';
import { opIdsIn } from './token.js';

/** One record of a dataset's or a view's topic, reduced to what is judged. */
export interface LogEvent {
  readonly offset: bigint;
  /** The record key: `["001000000001","01"]` in a dataset; the code and a keyed hash in a view. */
  readonly key: string;
  readonly code: string;
  /** Null: no position could be read, which is a violation of its own. */
  readonly place: Place | null;
  readonly kind: 'upsert' | 'delete' | 'tombstone';
  /** The operation whose token the record's name holds; null in other rows. */
  readonly opId: number | null;
  /** Whether it is the delete of a sweep, which no operation of its own stands behind. */
  readonly isSweep: boolean;
  /** Of the record after the change; null without one. */
  readonly hash: string | null;
}

interface Envelope {
  readonly op: string;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly source: { readonly epoch: number; readonly sequence: bigint; readonly index: bigint };
}

const tokenField = 'person_full_name';
const decimalPlaces: Readonly<Record<string, number>> = { address_latitude: 6, address_longitude: 6 };
const dayMs = 86_400_000;

export async function readLogEvent(record: StoredRecord, schemas: RegistrySchemas): Promise<LogEvent> {
  const key = (await schemas.decode(record.key)) as { code: string; row: string };
  const { offset } = record;
  const place = placeOfHeaders(record.headers);
  const isSweep = record.headers.some(({ key: name }) => name === 'truc-sweep');
  const head = { offset, key: key.row === '' ? key.code : key.row, code: key.code, place, isSweep };
  if (record.value === null) return { ...head, kind: 'tombstone', opId: null, hash: null };
  const { op, after, source } = (await schemas.decode(record.value)) as Envelope;
  // Headers and source tell the same position, or neither is believed.
  const isSame =
    place !== null && place.epoch === source.epoch && place.sequence === source.sequence && BigInt(place.index) === source.index;
  const believed = { ...head, place: isSame ? place : null };
  if (op === 'd' || after === null) return { ...believed, kind: 'delete', opId: null, hash: null };
  const plain = plainRecord(after);
  return { ...believed, kind: 'upsert', opId: opIdsIn(plain[tokenField] ?? '')[0] ?? null, hash: recordHash(plain) };
}

/** A decoded record with every value as text, as the oracle states it. */
export function plainRecord(record: Readonly<Record<string, unknown>>): PlainRecord {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plainValue(name, value)]));
}

function plainValue(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return decimalText(Buffer.from(value), decimalPlaces[name] ?? 0);
  if (typeof value === 'number' && name.includes('_date_')) return new Date(value * dayMs).toISOString().slice(0, 10);
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return String(value as string | number | bigint | boolean);
}

/** Avro's decimal: big-endian two's complement of the unscaled value. */
function decimalText(bytes: Buffer, scale: number): string {
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return unscaled < 0n ? `-${text}` : text;
}

/** SHA-256 of a record's bytes as a receipt defines it: offset, lengths, key, value. */
export function recordDigest({ offset, key, value }: Pick<StoredRecord, 'offset' | 'key' | 'value'>): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigInt64BE(offset, 0);
  head.writeInt32BE(key.length, 8);
  const length = Buffer.alloc(4);
  length.writeInt32BE(value === null ? -1 : value.length);
  return createHash('sha256')
    .update(head)
    .update(key)
    .update(length)
    .update(value ?? Buffer.alloc(0))
    .digest();
}
