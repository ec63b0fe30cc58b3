import { compileCodec, frame, unframe } from '@truc/avro';
import { TrucError } from '@truc/kernel';
import { shippedSchema } from './shipped-schema.js';

/** Key of every record of a dataset or view topic (schemas/avro/MasterDataKey.avsc). */
export interface MasterDataKey {
  readonly scheme: string;
  readonly code: string;
  /** Empty where the source row's key is the code itself, else the source key in canonical text. */
  readonly row: string;
}

export const masterDataKeySchema = shippedSchema('MasterDataKey');
const codec = compileCodec(masterDataKeySchema);

/** The key's Avro body, without framing: what a view's HMAC is taken of. */
export function masterDataKeyBody(key: MasterDataKey): Buffer {
  return codec.encode({ scheme: key.scheme, code: key.code, row: key.row });
}

/** The record key's bytes: Confluent framing with the id of the key subject's schema. */
export function encodeMasterDataKey(key: MasterDataKey, schemaId: number): Buffer {
  return frame(schemaId, masterDataKeyBody(key));
}

/**
 * Reads a record key back.
 * @throws TrucError KEY_INVALID for a null key or an empty scheme or code; AVRO_FRAME_INVALID, AVRO_MALFORMED
 */
export function decodeMasterDataKey(bytes: Buffer | null): { schemaId: number; key: MasterDataKey } {
  if (bytes === null) throw new TrucError('KEY_INVALID', 'the record has no key');
  const { schemaId, body } = unframe(bytes);
  const key = codec.decode(body) as MasterDataKey;
  if (key.scheme === '' || key.code === '') throw new TrucError('KEY_INVALID', 'the key names no scheme or no code');
  return { schemaId, key };
}

export function sameKey(a: MasterDataKey, b: MasterDataKey): boolean {
  return a.code === b.code && a.row === b.row && a.scheme === b.scheme;
}
