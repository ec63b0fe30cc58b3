import { z } from 'zod';

const count = z.int().nonnegative();
const momentMs = z.int();
const day = z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/);

/** What became of rows of a dataset under one rule at one field. A row counts once, whatever it breaks the rule by. */
export const ruleQuality = z.strictObject({
  /** V1 to V9. */
  rule: z.string(),
  /** URN of the dictionary element; null where the whole row is at fault. */
  element: z.string().nullable(),
  /** Field of the row record, or column of the source table. */
  field: z.string(),
  /** Rows that are held now. */
  heldRows: count,
  oldestHeldAtMs: momentMs.nullable(),
  newestHeldAtMs: momentMs.nullable(),
  /** Of the rows that are held now, by reason. */
  reasons: z.record(z.string(), count),
  /** Refused versions of rows by day in Viet Nam, as far as the log still has them; days without any are left out. */
  refused: z.array(z.strictObject({ day, rows: count })),
  /** Some of the rows that are held now: the value's form, never the value; null where the entry does not show the column. */
  examples: z.array(z.strictObject({ entry: z.string(), heldAtMs: momentMs, form: z.string().nullable() })),
});
export type RuleQuality = z.infer<typeof ruleQuality>;

/** Counters of the process that captures, since it began: a row that is sent again after a restart, and a row of a snapshot that is taken again, are counted again. */
export const qualityCounters = z.strictObject({
  sinceMs: momentMs,
  /** Row messages that were judged; deletes are among them, and break no rule. */
  rows: count,
  findings: z.array(
    z.strictObject({
      rule: z.string(),
      element: z.string().nullable(),
      outcome: z.enum(['quarantined', 'marked', 'stopped']),
      findings: count,
    }),
  ),
});
export type QualityCounters = z.infer<typeof qualityCounters>;

/** How the rows of one dataset stand against the dictionary, as its agent tells it. It holds no value and no key of a row. */
export const datasetQuality = z.strictObject({
  agency: z.string(),
  source: z.string(),
  dataset: z.string(),
  lookedAtMs: momentMs,
  heldRows: count,
  /** Of these, rows whose last good version consumers still have. */
  staleRows: count,
  oldestHeldAtMs: momentMs.nullable(),
  days: z.array(z.strictObject({ day, refused: count, released: count })),
  rules: z.array(ruleQuality),
  /** Rules and fields beyond what one answer tells. */
  rulesLeftOut: count,
  /** Rows beyond what an agent remembers at once, at the most: nothing else is told of them. */
  rowsLeftOut: count.default(0),
  /** Records of the topic that cannot be read. */
  unreadable: count,
  counters: qualityCounters.nullable(),
});
export type DatasetQuality = z.infer<typeof datasetQuality>;
