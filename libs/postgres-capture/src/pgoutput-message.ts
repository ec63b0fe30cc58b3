import type { SourceText } from '@truc/pipeline';
import { ByteReader } from './byte-reader.js';
import type { Lsn } from './lsn.js';

/**
 * Messages of the output plugin pgoutput, protocol version 1, text format
 * (PostgreSQL documentation, "Logical Replication Message Formats").
 */
export type PgoutputMessage =
  | BeginMessage
  | CommitMessage
  | RelationMessage
  | TypeMessage
  | RowMessage
  | { readonly kind: 'truncate'; readonly relationIds: readonly number[] }
  | { readonly kind: 'origin'; readonly name: string }
  | { readonly kind: 'message'; readonly transactional: boolean; readonly lsn: Lsn; readonly prefix: string; readonly content: Buffer };

export interface BeginMessage {
  readonly kind: 'begin';
  /** Where the transaction's commit record starts. Every transaction has its own commit record, so no two share it. */
  readonly commitLsn: Lsn;
  readonly committedAtMs: number;
  /** The top transaction's id, 32 bits. Rows that a subtransaction wrote come under the same id. */
  readonly xid: number;
}

export interface CommitMessage {
  readonly kind: 'commit';
  readonly commitLsn: Lsn;
  /** The byte after the commit record. */
  readonly endLsn: Lsn;
  readonly committedAtMs: number;
}

export type ReplicaIdentity = 'default' | 'nothing' | 'full' | 'index';

export interface RelationMessage {
  readonly kind: 'relation';
  readonly id: number;
  readonly schema: string;
  readonly table: string;
  readonly replicaIdentity: ReplicaIdentity;
  readonly columns: readonly { readonly name: string; readonly typeId: number; readonly inIdentity: boolean }[];
}

/** Sent ahead of a relation that uses a type which is not built in. For a domain the names are those of its base type. */
export interface TypeMessage {
  readonly kind: 'type';
  readonly id: number;
  readonly schema: string;
  readonly name: string;
}

export type Tuple = readonly SourceText[];

export type RowMessage =
  | { readonly kind: 'insert'; readonly relationId: number; readonly after: Tuple }
  | {
      readonly kind: 'update';
      readonly relationId: number;
      readonly before: Tuple | null;
      readonly beforeIsWhole: boolean;
      readonly after: Tuple;
    }
  | { readonly kind: 'delete'; readonly relationId: number; readonly before: Tuple; readonly beforeIsWhole: boolean };

const letter = (text: string) => text.charCodeAt(0);
const [BEGIN, COMMIT, RELATION, TYPE, INSERT, UPDATE, DELETE, TRUNCATE, ORIGIN, MESSAGE] = [...'BCRYIUDTOM'].map(letter);
const [NEW, KEY, OLD] = [...'NKO'].map(letter);
const [NULL, UNCHANGED, TEXT] = [...'nut'].map(letter);

/** PostgreSQL counts microseconds from 2000-01-01T00:00:00Z. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const IDENTITIES: Readonly<Record<string, ReplicaIdentity>> = { d: 'default', n: 'nothing', f: 'full', i: 'index' };

/**
 * @param payload one whole message, as the payload of an XLogData frame
 * @param lsn where it stands, for error messages only
 * @throws TrucError CAPTURE_MESSAGE_MALFORMED when the bytes are truncated, surplus or unknown
 */
export function parsePgoutputMessage(payload: Buffer, lsn: Lsn): PgoutputMessage {
  const reader = new ByteReader(payload, `pgoutput '${payload.toString('latin1', 0, 1)}'`, lsn);
  const message = parseBody(reader, reader.uint8());
  reader.finish();
  return message;
}

function parseBody(reader: ByteReader, kind: number): PgoutputMessage {
  switch (kind) {
    case BEGIN:
      return { kind: 'begin', commitLsn: reader.uint64(), committedAtMs: timestamp(reader), xid: reader.uint32() };
    case COMMIT:
      reader.uint8(); // flags, unused
      return { kind: 'commit', commitLsn: reader.uint64(), endLsn: reader.uint64(), committedAtMs: timestamp(reader) };
    case RELATION:
      return relation(reader);
    case TYPE:
      return { kind: 'type', id: reader.uint32(), schema: reader.cstring() || 'pg_catalog', name: reader.cstring() };
    case INSERT:
      return insert(reader);
    case UPDATE:
      return update(reader);
    case DELETE: {
      const relationId = reader.uint32();
      const beforeIsWhole = oldTupleIsWhole(reader, reader.uint8());
      return { kind: 'delete', relationId, before: tuple(reader), beforeIsWhole };
    }
    case TRUNCATE: {
      const count = reader.uint32();
      reader.uint8(); // options: cascade, restart identity
      if (count * 4 !== reader.remaining) reader.fail(`it names ${count} relations in ${reader.remaining} bytes`);
      return { kind: 'truncate', relationIds: Array.from({ length: count }, () => reader.uint32()) };
    }
    case ORIGIN:
      reader.uint64(); // commit LSN on the origin server
      return { kind: 'origin', name: reader.cstring() };
    case MESSAGE: {
      const transactional = (reader.uint8() & 1) === 1;
      const lsn = reader.uint64();
      const prefix = reader.cstring();
      return { kind: 'message', transactional, lsn, prefix, content: reader.take(reader.uint32()) };
    }
    default:
      return reader.fail(`kind ${kind} is not known to protocol version 1`);
  }
}

function insert(reader: ByteReader): RowMessage {
  const relationId = reader.uint32();
  expectNew(reader, reader.uint8());
  return { kind: 'insert', relationId, after: tuple(reader) };
}

function update(reader: ByteReader): RowMessage {
  const relationId = reader.uint32();
  const marker = reader.uint8();
  if (marker === NEW) return { kind: 'update', relationId, before: null, beforeIsWhole: false, after: tuple(reader) };
  const beforeIsWhole = oldTupleIsWhole(reader, marker);
  const before = tuple(reader);
  expectNew(reader, reader.uint8());
  return { kind: 'update', relationId, before, beforeIsWhole, after: tuple(reader) };
}

function relation(reader: ByteReader): RelationMessage {
  const id = reader.uint32();
  const schema = reader.cstring() || 'pg_catalog';
  const table = reader.cstring();
  const identity = String.fromCharCode(reader.uint8());
  const replicaIdentity = IDENTITIES[identity] ?? reader.fail(`replica identity "${identity}" is not known`);
  const columns = Array.from({ length: reader.uint16() }, () => {
    const inIdentity = (reader.uint8() & 1) === 1;
    const name = reader.cstring();
    const typeId = reader.uint32();
    reader.int32(); // type modifier
    return { name, typeId, inIdentity };
  });
  return { kind: 'relation', id, schema, table, replicaIdentity, columns };
}

function tuple(reader: ByteReader): Tuple {
  const count = reader.uint16();
  // A column takes a byte at least: a false count must not allocate.
  if (count > reader.remaining) reader.fail(`a row claims ${count} columns in ${reader.remaining} bytes`);
  const values = new Array<SourceText>(count);
  for (let i = 0; i < count; i++) {
    const kind = reader.uint8();
    if (kind === TEXT) values[i] = reader.text(reader.int32());
    else if (kind === NULL) values[i] = null;
    else if (kind === UNCHANGED) values[i] = undefined;
    else reader.fail(`column ${i + 1} has format ${kind}, and only text was asked for`);
  }
  return values;
}

function oldTupleIsWhole(reader: ByteReader, marker: number): boolean {
  if (marker !== OLD && marker !== KEY) reader.fail(`a row marked ${marker} stands where the old row or its key should`);
  return marker === OLD;
}

function expectNew(reader: ByteReader, marker: number): void {
  if (marker !== NEW) reader.fail(`a row marked ${marker} stands where the new row should`);
}

function timestamp(reader: ByteReader): number {
  return POSTGRES_EPOCH_MS + Number(reader.int64() / 1000n);
}
