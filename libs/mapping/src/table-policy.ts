import { z } from 'zod';

const nonEmpty = z.string().min(1);

const looseTransform = z.looseObject({ op: nonEmpty });

/**
 * A transform of a mapping entry, in the shape of the mapping YAML: `{op: lpad, length: 2, fill: '0'}`, or a list of them, done in order.
 * Loose on purpose, so that a policy of a newer release is read and refused with a name; `parseTransform` is the strict reading.
 */
export const transformPolicy = z.union([looseTransform, z.array(looseTransform).min(1).max(8)]);

export const mappedColumnPolicy = z.strictObject({ column: nonEmpty, element: nonEmpty, transform: transformPolicy.nullable() });

/** One captured table: how its columns become a dataset's fields. Columns that are not named here are never read. */
export const tablePolicy = z.strictObject({
  table: nonEmpty,
  dataset: nonEmpty,
  primaryKey: z.array(nonEmpty).min(1),
  identification: z.strictObject({ column: nonEmpty, transform: transformPolicy.nullable() }),
  columns: z.array(mappedColumnPolicy).min(1),
  /** Column whose date the codes of a row apply to; null means the date of the commit. */
  referenceDateColumn: nonEmpty.nullable(),
});
export type TablePolicy = z.infer<typeof tablePolicy>;
