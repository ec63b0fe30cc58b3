import { fieldPolicy, valueMask } from '@truc/dictionary';
import { z } from 'zod';

const nonEmpty = z.string().min(1);
const bilingual = z.strictObject({ vi: nonEmpty, en: nonEmpty });

/** A compiled view: what one or more contracts with the same scope may see of a dataset. Secrets are references only. */
export const viewPolicy = z.strictObject({
  kind: z.literal('view'),
  id: nonEmpty,
  topic: nonEmpty,
  dataset: nonEmpty,
  generation: z.int().positive(),
  datasetTopic: nonEmpty,
  partitions: z.int().positive(),
  scheme: nonEmpty,
  codeField: nonEmpty,
  /** Code in clear in the key; only if the contracts name the code element. */
  codeInClear: z.boolean(),
  /** Codes of other schemes that rows may have instead, each in clear only if the contracts name its element. */
  otherCodes: z
    .array(z.strictObject({ field: nonEmpty, scheme: nonEmpty, inClear: z.boolean() }))
    .min(1)
    .optional(),
  fields: z.array(fieldPolicy).min(1),
  /** What becomes of the values of fields before they leave, by field name. */
  masks: z.record(nonEmpty, valueMask).optional(),
  /** Name of the key of hashes, where there are any: equal values look equal in all views under one name, and in no other. The key itself is derived by the distributor. */
  maskKey: nonEmpty.optional(),
  /** Value schema of the view as Avro JSON text; registered under `<topic>-value`. */
  valueSchema: nonEmpty,
});
export type ViewPolicy = z.infer<typeof viewPolicy>;

export const contractPolicy = z.strictObject({
  kind: z.literal('contract'),
  name: nonEmpty,
  consumer: nonEmpty,
  dataset: nonEmpty,
  generation: z.int().positive(),
  viewId: nonEmpty,
  purpose: bilingual,
  legalBasis: nonEmpty,
  validFrom: z.iso.date(),
  validTo: z.iso.date().nullable(),
  /** Name of the consumer's database (its own agent knows the address) and the table that is kept there. */
  target: z.strictObject({ database: nonEmpty, table: nonEmpty }),
});
export type ContractPolicy = z.infer<typeof contractPolicy>;
