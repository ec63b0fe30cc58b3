import { unframe, type AvroCodec } from '@truc/avro';
import {
  decodeMasterDataKey,
  positionOf,
  positionOfSource,
  type ChangeEnvelope,
  type MasterDataKey,
  type ViewEnvelope,
} from '@truc/change-event';
import { checkCode, ruleOfScheme } from '@truc/identity-codes';
import { comparePositions, messageOf, TrucError, type Position } from '@truc/kernel';
import type { StoredRecord } from './log.js';
import type { ResolvedSchema } from './topic-schemas.js';

/** What a topic's records must be like, by policy. */
export interface TopicExpectation {
  readonly topic: string;
  /** Scheme of every key. */
  readonly scheme: string;
  /** Field of the row that repeats the key's code; null where the code is masked, so that nothing can be said about it. */
  readonly codeField: string | null;
  /** Schemes that a key may have instead, each with the field that repeats such a code; null where it is masked. */
  readonly otherCodes?: readonly { readonly scheme: string; readonly field: string | null }[] | undefined;
}

/** Why a record was refused, in the shape of RejectedRecord.avsc; no values. */
export interface RejectionReason {
  /** Stable code. */
  readonly rule: string;
  /** Part of the record, or a column. */
  readonly field: string;
  readonly reason: string;
}

/** A record, read and judged. */
export type ReceivedEvent =
  | {
      readonly kind: 'event';
      readonly key: MasterDataKey;
      readonly position: Position;
      readonly codec: AvroCodec;
      readonly envelope: ChangeEnvelope | ViewEnvelope;
    }
  | { readonly kind: 'tombstone'; readonly key: MasterDataKey; readonly position: Position; readonly timestampMs: number }
  | { readonly kind: 'refused'; readonly reasons: readonly RejectionReason[] };

/** Meaning of the schema ids that occur in a batch. */
export interface ResolvedSchemas {
  readonly keys: ReadonlyMap<number, ResolvedSchema>;
  readonly values: ReadonlyMap<number, ResolvedSchema>;
}

const operations: readonly unknown[] = ['c', 'u', 'd', 'r'];

/** Reads one record. Never throws for what the record holds. Pure: the meaning of its schema ids was looked up before. */
export function receiveEvent(record: StoredRecord, expected: TopicExpectation, schemas: ResolvedSchemas): ReceivedEvent {
  try {
    const key = readKey(record.key, expected, schemas);
    const position = readPosition(record);
    if (record.value === null) return { kind: 'tombstone', key, position, timestampMs: record.timestampMs };
    const { codec, envelope } = readEnvelope(record.value, schemas);
    if (comparePositions(position, positionOfSource(envelope.source)) !== 0) {
      throw new Refusal('POSITION_DISAGREES', 'headers', 'the headers give another position than the source block');
    }
    const codeField = codeFieldOf(key.scheme, expected);
    if (envelope.after !== null && codeField !== null && envelope.after[codeField] !== key.code) {
      throw new Refusal('KEY_CODE_DIFFERS', codeField, "the row's code is not the code of its key");
    }
    return { kind: 'event', key, position, codec, envelope };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', reasons: [{ rule: error.code, field: error.field, reason: error.message }] };
    throw error;
  }
}

/** The schema id of a framed value; null where it is not framed. */
export function schemaIdOf(framed: Buffer): number | null {
  try {
    return unframe(framed).schemaId;
  } catch {
    return null;
  }
}

class Refusal extends Error {
  readonly code: string;
  readonly field: string;

  constructor(code: string, field: string, reason: string) {
    super(reason);
    this.code = code;
    this.field = field;
  }
}

/** Errors of the codec name paths, byte offsets and types, never a value. */
function refusalOf(error: unknown, field: string): unknown {
  return error instanceof TrucError ? new Refusal(error.code, field, messageOf(error)) : error;
}

/** The field that repeats the code of a key; null where it is masked. @throws Refusal where the topic has no such scheme */
function codeFieldOf(found: string, { scheme, codeField, otherCodes = [] }: TopicExpectation): string | null {
  if (found === scheme) return codeField;
  const other = otherCodes.find((one) => one.scheme === found);
  if (other === undefined) throw new Refusal('KEY_SCHEME_DIFFERS', 'key', `the key is not of the scheme ${scheme}`);
  return other.field;
}

function readKey(bytes: Buffer, expected: TopicExpectation, { keys }: ResolvedSchemas): MasterDataKey {
  if (bytes.length === 0) throw new Refusal('KEY_INVALID', 'key', 'the record has no key');
  let read: ReturnType<typeof decodeMasterDataKey>;
  try {
    read = decodeMasterDataKey(bytes);
  } catch (error) {
    throw refusalOf(error, 'key');
  }
  accepted(keys.get(read.schemaId), 'key');
  const { key } = read;
  const { scheme } = key;
  const rule = codeFieldOf(scheme, expected) === null ? null : (ruleOfScheme(scheme) ?? null);
  const check = rule === null ? null : checkCode(rule, key.code);
  if (check?.result === 'invalid')
    throw new Refusal('KEY_CODE_INVALID', 'key', `the code is not one of ${scheme}: ${check.reason ?? 'invalid'}`);
  return key;
}

function readPosition({ headers }: StoredRecord): Position {
  try {
    return positionOf(headers);
  } catch {
    // The error quotes the headers, which anybody may have written.
    throw new Refusal('POSITION_INVALID', 'headers', 'the headers give no position');
  }
}

function readEnvelope(bytes: Buffer, { values }: ResolvedSchemas): { codec: AvroCodec; envelope: ChangeEnvelope | ViewEnvelope } {
  let decoded: unknown;
  let codec: AvroCodec;
  try {
    const { schemaId, body } = unframe(bytes);
    codec = accepted(values.get(schemaId), 'value');
    decoded = codec.decode(body);
  } catch (error) {
    throw refusalOf(error, 'value');
  }
  const envelope = decoded as ChangeEnvelope | ViewEnvelope;
  const isEnvelope =
    operations.includes(envelope?.op) &&
    isObject(envelope.source) &&
    envelope.after !== undefined &&
    (envelope.after !== null) === (envelope.op !== 'd');
  if (!isEnvelope)
    throw new Refusal('ENVELOPE_INVALID', 'value', 'the value is no envelope with op c, u or r and a row, or op d without one');
  return { codec, envelope };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function accepted(resolved: ResolvedSchema | undefined, field: string): AvroCodec {
  if (resolved === undefined) throw new Refusal('SCHEMA_UNKNOWN', field, 'the schema id was not looked up');
  if ('refusal' in resolved) throw new Refusal(resolved.refusal.code, field, resolved.refusal.reason);
  return resolved.codec;
}
