import { z } from 'zod';

const nonEmpty = z.string().min(1);

/** One field of a row record. `name` is the element's canonical name. */
export const fieldPolicy = z.strictObject({
  name: nonEmpty,
  element: nonEmpty,
  role: z.enum(['source', 'reference']),
  protection: z.enum(['none', 'masked', 'encrypted']),
  required: z.boolean(),
  /** True where a row may have several values of the element: an Avro array of the domain's type, each member judged by itself. */
  isList: z.boolean().optional(),
});
export type FieldPolicy = z.infer<typeof fieldPolicy>;
