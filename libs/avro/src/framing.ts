import { TrucError } from '@truc/kernel';

const headerBytes = 5;

export interface FramedBody {
  readonly schemaId: number;
  /** A view of the framed bytes, not a copy. */
  readonly body: Buffer;
}

/** Confluent's wire format: a zero byte, the schema id in four bytes, big-endian, and the Avro binary. @throws TrucError AVRO_FRAME_INVALID */
export function frame(schemaId: number, body: Buffer): Buffer {
  if (!Number.isInteger(schemaId) || schemaId < 1 || schemaId > 0x7fffffff) {
    throw new TrucError('AVRO_FRAME_INVALID', `${schemaId} is not a schema id: 1 to 2147483647`);
  }
  const framed = Buffer.allocUnsafe(headerBytes + body.length);
  framed[0] = 0;
  framed.writeUInt32BE(schemaId, 1);
  body.copy(framed, headerBytes);
  return framed;
}

/** @throws TrucError AVRO_FRAME_INVALID */
export function unframe(framed: Buffer): FramedBody {
  if (framed.length < headerBytes) {
    throw new TrucError(
      'AVRO_FRAME_INVALID',
      `${framed.length} bytes are too few for a schema id, which takes ${headerBytes} with its marker`,
    );
  }
  if (framed[0] !== 0) throw new TrucError('AVRO_FRAME_INVALID', `the first byte is ${framed[0]}, not 0: not Confluent's wire format`);
  const schemaId = framed.readInt32BE(1);
  if (schemaId < 1) throw new TrucError('AVRO_FRAME_INVALID', `${schemaId} is not a schema id`);
  return { schemaId, body: framed.subarray(headerBytes) };
}
