import { TrucError, type RowValue } from '@truc/kernel';
import { listReader, listWriter } from './list-codec.js';
import type { TargetColumnType } from '@truc/pipeline';
import type { CopyChunk } from './copy-chunk.js';
import { decodeNumeric, encodeNumeric } from './numeric-binary.js';

/** PostgreSQL counts dates and timestamps from 2000-01-01, we from 1970-01-01. */
const EPOCH_DAYS = 10_957;
const EPOCH_MICROS = 946_684_800_000_000n;
/** 'infinity' and '-infinity' are the ends of the integer ranges. */
const DATE_INFINITY = 2 ** 31 - 1;
const TIMESTAMP_INFINITY = 2n ** 63n - 1n;

export type ValueWriter = (value: RowValue, chunk: CopyChunk) => void;
export type ValueReader = (bytes: Buffer) => RowValue;

/** Writes a value that value-check let pass in the type's binary form. */
export function compileWriter(type: TargetColumnType): ValueWriter {
  const write = writePresent(type);
  return (value, chunk) => (value === null ? chunk.null() : write(value, chunk));
}

function writePresent(type: TargetColumnType): ValueWriter {
  switch (type.kind) {
    case 'text':
      return (value, chunk) => chunk.text(value as string);
    case 'integer':
      return (value, chunk) => chunk.integer(value as number);
    case 'bigint':
      return (value, chunk) => chunk.bigint(value as bigint);
    case 'double':
      return (value, chunk) => chunk.double(value as number);
    case 'boolean':
      return (value, chunk) => chunk.boolean(value as boolean);
    case 'date':
      return (value, chunk) => chunk.integer((value as number) - EPOCH_DAYS);
    case 'timestamp-micros':
      return (value, chunk) => chunk.bigint((value as bigint) - EPOCH_MICROS);
    case 'list':
      return listWriter(type.item);
    case 'decimal':
      return (value, chunk) => chunk.binary(encodeNumeric(value as bigint, type.scale));
  }
}

/** Reads the same binary form back. @throws TrucError APPLY_VALUE_UNREADABLE for values that no dictionary allows (infinity, NaN), written by somebody else */
export function compileReader(column: string, type: TargetColumnType): ValueReader {
  const refuse = (what: string): never => {
    throw new TrucError(
      'APPLY_VALUE_UNREADABLE',
      `the column ${column} holds ${what}, which no value domain allows: somebody other than this service wrote it. Set it right by hand, then compare again`,
    );
  };
  switch (type.kind) {
    case 'text':
      return (bytes) => bytes.toString('utf8');
    case 'integer':
      return (bytes) => bytes.readInt32BE(0);
    case 'bigint':
      return (bytes) => bytes.readBigInt64BE(0);
    case 'double':
      return (bytes) => {
        const value = bytes.readDoubleBE(0);
        return Number.isFinite(value) ? value : refuse('infinity or NaN');
      };
    case 'boolean':
      return (bytes) => bytes[0] === 1;
    case 'date':
      return (bytes) => {
        const days = bytes.readInt32BE(0);
        return days === DATE_INFINITY || days === -DATE_INFINITY - 1 ? refuse('infinity') : days + EPOCH_DAYS;
      };
    case 'timestamp-micros':
      return (bytes) => {
        const micros = bytes.readBigInt64BE(0);
        return micros === TIMESTAMP_INFINITY || micros === -TIMESTAMP_INFINITY - 1n ? refuse('infinity') : micros + EPOCH_MICROS;
      };
    case 'list':
      return listReader(column, type.item, refuse);
    case 'decimal':
      return (bytes) => decodeNumeric(bytes, type.scale) ?? refuse('NaN, infinity or more decimals than its type has');
  }
}
