import { z } from 'zod';

/** A row that is held, as whoever may not see its values is shown it. */
export const shownHeldRow = z.strictObject({
  agency: z.string(),
  dataset: z.string(),
  /** Offset in the quarantine topic. */
  entry: z.string(),
  /** Whether the row is still held by this entry, by a newer one, or not any more. */
  state: z.enum(['held', 'held-anew', 'released']),
  newerEntry: z.string().nullable(),
  /** Source table as `schema.table`. */
  table: z.string(),
  /** epoch/sequence/index */
  position: z.string(),
  heldAtMs: z.int(),
  /** Whether consumers still have an earlier version of the row. */
  isStale: z.boolean(),
  reasons: z.array(
    z.strictObject({
      rule: z.string(),
      element: z.string().nullable(),
      field: z.string(),
      reason: z.string(),
      column: z.string().nullable(),
    }),
  ),
  /** Mapped columns of the source, protected ones left out: the value's form, null where the value is. */
  columns: z.array(z.strictObject({ column: z.string(), form: z.string().nullable() })),
});
export type ShownHeldRow = z.infer<typeof shownHeldRow>;
