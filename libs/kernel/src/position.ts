import { TrucError } from './truc-error.js';

/**
 * Where an event stands in a dataset generation: totally ordered by (epoch, sequence, index).
 *
 * `sequence` is opaque outside its adapter; for PostgreSQL it is the commit LSN. `index` is the ordinal of the row message among the surviving row and truncate messages of its transaction, from 0.
 */
export interface Position {
  /** 1 to 2^31 - 1; raised by a gap only. */
  readonly epoch: number;
  /** 0 to 2^63 - 1. */
  readonly sequence: bigint;
  /** 0 to 2^32 - 1. */
  readonly index: number;
}

const epochMax = 2 ** 31 - 1;
const sequenceMax = 2n ** 63n - 1n;
const indexMax = 2 ** 32 - 1;

/** Kafka header names under which every record of a dataset or view topic carries its position, tombstones included. */
export const EPOCH_HEADER = 'truc-epoch';
export const POSITION_HEADER = 'truc-position';

/** Negative, zero or positive as `a` stands before, at or after `b`. */
export function comparePositions(a: Position, b: Position): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.sequence !== b.sequence) return a.sequence < b.sequence ? -1 : 1;
  return a.index - b.index;
}

export function maxPosition(a: Position | null, b: Position | null): Position | null {
  if (a === null) return b;
  if (b === null) return a;
  return comparePositions(a, b) >= 0 ? a : b;
}

/** 16 bytes, big-endian: epoch (4), sequence (8), index (4). Byte order is position order, so a database may compare the bytes. */
export function positionToBytes({ epoch, sequence, index }: Position): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUInt32BE(epoch, 0);
  bytes.writeBigUInt64BE(sequence, 4);
  bytes.writeUInt32BE(index, 12);
  return bytes;
}

/** @throws TrucError POSITION_INVALID when `bytes` is not 16 bytes long */
export function positionFromBytes(bytes: Buffer): Position {
  if (bytes.length !== 16) throw new TrucError('POSITION_INVALID', `a position has 16 bytes, not ${bytes.length}`);
  return { epoch: bytes.readUInt32BE(0), sequence: bytes.readBigUInt64BE(4), index: bytes.readUInt32BE(12) };
}

/** The text of the header `truc-position`: 16 hexadecimal digits of the sequence, a colon, the index in decimal. */
export function positionHeader({ sequence, index }: Position): string {
  return `${sequence.toString(16).padStart(16, '0')}:${index}`;
}

/** Parses the two headers back. @throws TrucError POSITION_INVALID */
export function positionFromHeaders(epoch: string, position: string): Position {
  const match = /^([0-9a-f]{16}):(0|[1-9][0-9]{0,9})$/.exec(position);
  const [, sequence, index] = match ?? [];
  if (sequence === undefined || index === undefined || !/^[1-9][0-9]{0,9}$/.test(epoch)) {
    throw new TrucError(
      'POSITION_INVALID',
      `the headers ${EPOCH_HEADER}="${epoch}" and ${POSITION_HEADER}="${position}" are not a position`,
    );
  }
  const read = { epoch: Number(epoch), sequence: BigInt(`0x${sequence}`), index: Number(index) };
  // Ten digits are more than the bytes of a position hold.
  if (read.epoch > epochMax || read.sequence > sequenceMax || read.index > indexMax) {
    throw new TrucError('POSITION_INVALID', `${epoch}/${position} is beyond the last position that there is`);
  }
  return read;
}

export function formatPosition(position: Position): string {
  return `${position.epoch}/${positionHeader(position)}`;
}
