import { z } from 'zod';

const nonEmpty = z.string().min(1);

const looseTransform = z.looseObject({ op: nonEmpty });

/**
 * A transform of a mapping entry, in the shape of the mapping YAML: `{op: lpad, length: 2, fill: '0'}`, or a list of them, done in order.
 * Loose on purpose, so that a policy of a newer release is read and refused with a name; `parseTransform` is the strict reading.
 */
export const transformPolicy = z.union([looseTransform, z.array(looseTransform).min(1).max(8)]);

export const mappedColumnPolicy = z.strictObject({ column: nonEmpty, element: nonEmpty, transform: transformPolicy.nullable() });

/** Another table, one foreign key away, that has the code. */
const parentPolicy = z.strictObject({
  table: nonEmpty,
  key: z.array(nonEmpty).min(1).max(32),
  code: nonEmpty,
  /** The child's columns that point there, in the order of `key`. */
  columns: z.array(nonEmpty).min(1).max(32),
});

/** One of several codes that a row may have: the one whose transform (`when`) applies. Its scheme goes into the key. */
const codeCasePolicy = z.strictObject({ column: nonEmpty, element: nonEmpty, transform: transformPolicy, scheme: nonEmpty });

const identificationPolicy = z.strictObject({
  /** As the mapping names it; of `via` the child's columns. */
  column: nonEmpty,
  transform: transformPolicy.nullable(),
  via: parentPolicy.optional(),
  /** Where a discriminator decides which code a row has; the first is the one that the identification names. */
  cases: z.array(codeCasePolicy).min(2).max(16).optional(),
});
export type IdentificationPolicy = z.infer<typeof identificationPolicy>;

/** One captured table: how its columns become a dataset's fields. Columns that are not named here are never read. */
export const tablePolicy = z.strictObject({
  table: nonEmpty,
  dataset: nonEmpty,
  primaryKey: z.array(nonEmpty).min(1),
  identification: identificationPolicy,
  columns: z.array(mappedColumnPolicy),
  /** Column whose date the codes of a row apply to; null means the date of the commit. */
  referenceDateColumn: nonEmpty.nullable(),
});
export type TablePolicy = z.infer<typeof tablePolicy>;
