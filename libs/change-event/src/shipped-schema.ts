import { readFileSync } from 'node:fs';

export type ShippedSchemaName =
  'MasterDataKey' | 'Source' | 'ViewSource' | 'Transaction' | 'QuarantinedRow' | 'RejectedRecord' | 'DeliveryReceipt';

/** JSON text of one of the platform's own schemas, from schemas/avro. */
export function shippedSchema(name: ShippedSchemaName): string {
  return readFileSync(new URL(`../../../schemas/avro/${name}.avsc`, import.meta.url), 'utf8');
}
