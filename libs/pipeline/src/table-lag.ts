import { TrucError } from '@truc/kernel';
import { z } from 'zod';

/**
 * What stops one dataset and not its source: a row that breaks a rule for which the dataset chooses `stop`, rows that no longer fit its mapping, a table that can no
 * longer be read, more codes than memory is granted for. Something has to be changed, and everything of the dataset from there on has to be judged by it.
 */
export const stopCodes = [
  'CAPTURE_RULE_STOP',
  'CAPTURE_CODES_TOO_MANY',
  'CAPTURE_KEY_NOT_UNIQUE',
  'CAPTURE_TABLE_CHANGED',
  'CAPTURE_TABLE_NOT_PUBLISHED',
  'CAPTURE_NOT_PERMITTED',
  'CAPTURE_OLD_ROW_MISSING',
  'CAPTURE_REPLAY_TOO_OLD',
  'MAPPING_COLUMN_MISSING',
  'MAPPING_KEY_MISSING',
  'MAPPING_TYPE_UNFIT',
  // Its code lies in another table, of which this agent keeps no index, or cannot.
  'MAPPING_PARENTS_MISSING',
  'CAPTURE_PARENTS_UNUSABLE',
] as const;
export type StopCode = (typeof stopCodes)[number];

const known: ReadonlySet<string> = new Set(stopCodes);

/** True for an error that is one dataset's alone. */
export function isTableStop(error: unknown): error is TrucError {
  return error instanceof TrucError && known.has(error.code);
}

const sequence = z
  .string()
  .regex(/^[0-9]{1,20}$/)
  .transform((text) => BigInt(text));

const place = {
  /** `schema.table`. */
  table: z.string().min(1),
  dataset: z.string().min(1),
  topic: z.string().min(1),
  /** Everything of the table up to here is durable downstream, and nothing above is taken for published. */
  sequence,
  /** What it was stopped at, or behind what was ever sent of it, whichever is furthest: of what stands from its own position up to there a part may be on the log. */
  stoppedAt: z.strictObject({ sequence, index: z.int().nonnegative() }),
};

/**
 * A table that stands behind the others of its source. The slot is confirmed no further than it stands.
 *
 *   (none) ──▶ stopped ──▶ catching-up ──▶ (none)      a change that does not fit; a later run took it; it has reached the others
 *                 ▲             │
 *                 └─────────────┘                       something else does not fit
 *
 * A run that begins tries a stopped table again, which stays stopped until it has moved. Other ways out of both states, each of which is named among the gaps of the source:
 *
 *   ──▶ a gap of the dataset     more is kept for it than the source grants; from `stopped` alone
 *   ──▶ read anew                a person gives up what is kept (`resolveDatasetGap`), or its changes were not published for a while (`planSnapshots`)
 *   ──▶ forgotten                the policy does not capture the table any more, or into another topic: what was kept is not published there
 *   ──▶ a new epoch              a gap of the whole source is resolved, and every table is read anew
 */
export const tableLag = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('stopped'),
    ...place,
    code: z.string().min(1),
    /** One sentence, without a value of a row. */
    reason: z.string(),
    sinceMs: z.int().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('catching-up'), ...place }),
]);
export type TableLag = z.infer<typeof tableLag>;
export type StoppedTable = Extract<TableLag, { readonly kind: 'stopped' }>;

/** How far the slot may be confirmed: to where the table stands that is furthest behind. */
export function confirmable({ sequence, lags }: { readonly sequence: bigint; readonly lags: readonly TableLag[] }): bigint {
  return lags.reduce((lowest, lag) => (lag.sequence < lowest ? lag.sequence : lowest), sequence);
}
