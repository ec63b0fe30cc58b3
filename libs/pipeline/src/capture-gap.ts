import { TrucError } from '@truc/kernel';
import { z } from 'zod';

/**
 * What cannot be captured any more, or is not known to have been. Each stops the flow, or one dataset of it, until a person resolves it; docs/operations/gaps.md tells of them one by one.
 */
export const gapCodes = [
  'CAPTURE_SLOT_MISSING',
  'CAPTURE_SLOT_AHEAD',
  'CAPTURE_SLOT_UNKNOWN',
  'CAPTURE_SLOT_LOST',
  'CAPTURE_SOURCE_RESTORED',
  'CAPTURE_SOURCE_REPLACED',
  'CAPTURE_TIMELINE_DIVERGED',
  'CAPTURE_STATE_LOST',
  'CAPTURE_STATE_BEHIND',
  'CAPTURE_STATE_INVALID',
  'CAPTURE_LOG_SHORT',
  'CAPTURE_HOLD_EXCEEDED',
  'CAPTURE_PARENTS_LOST',
] as const;
export type GapCode = (typeof gapCodes)[number];

const known: ReadonlySet<string> = new Set(gapCodes);

export const captureGap = z.strictObject({
  code: z.string().min(1),
  /** One sentence, with LSNs or offsets. */
  reason: z.string(),
  /** The position that was stored when it was found: changes after it may be missing. */
  epoch: z.int().positive(),
  sequence: z
    .string()
    .regex(/^[0-9]{1,20}$/)
    .transform((text) => BigInt(text)),
  foundAtMs: z.int().nonnegative(),
  /** The dataset that it is a gap of, while the others of the source go on; null for all of the source. */
  dataset: z.string().min(1).nullable().default(null),
  resolution: z
    .strictObject({ atMs: z.int().nonnegative(), by: z.string(), reason: z.string(), commandId: z.string(), epoch: z.int().positive() })
    .nullable(),
});
export type CaptureGap = z.infer<typeof captureGap>;

/** Gaps that are kept in the state; older ones are in the log of the platform's audit. */
const gapsMax = 20;

export function isGap(error: unknown): error is TrucError {
  return error instanceof TrucError && known.has(error.code);
}

/** The gap of the whole source that nobody has resolved yet. There is one at most, for nothing is captured while there is one. */
export function openGap(gaps: readonly CaptureGap[]): CaptureGap | null {
  return gaps.find(({ resolution, dataset }) => resolution === null && dataset === null) ?? null;
}

/** Gaps of single datasets that nobody has resolved yet, one at most for each: they are not captured, and the others are. */
export function openDatasetGaps(gaps: readonly CaptureGap[]): (CaptureGap & { readonly dataset: string })[] {
  return gaps.flatMap((gap) => (gap.resolution === null && gap.dataset !== null ? [{ ...gap, dataset: gap.dataset }] : []));
}

/** With this one in the place of what was open where it is. What is open is always kept. */
export function withGap(gaps: readonly CaptureGap[], gap: CaptureGap): CaptureGap[] {
  const others = gaps.filter(({ resolution, dataset }) => resolution !== null || dataset !== gap.dataset);
  const closed = others.filter(({ resolution }) => resolution !== null).slice(-(gapsMax - 1));
  return [...closed, ...others.filter(({ resolution }) => resolution === null), gap];
}

/** With what is open resolved, all of it or that of one dataset. */
export function withResolved(
  gaps: readonly CaptureGap[],
  resolution: NonNullable<CaptureGap['resolution']>,
  isMeant: (gap: CaptureGap) => boolean = () => true,
): CaptureGap[] {
  return gaps.map((gap) => (gap.resolution === null && isMeant(gap) ? { ...gap, resolution } : gap));
}

/** The command that resolves a gap. @param sourceId `<agency slug>.<database>` */
export function resolveCommand(sourceId: string, code: string, dataset: string | null = null): string {
  const { agency, database } = placeOf(sourceId);
  const of = dataset === null ? '' : ` --dataset ${dataset}`;
  return `truc agent resolve ${agency} ${database}${of} --gap ${code} --reason "..."`;
}

/** The gap as the flow stops with it: the sentence, and the command that resolves it. @param sourceId `<agency slug>.<database>` */
export function gapError(sourceId: string, code: string, reason: string, cause?: unknown): TrucError {
  return new TrucError(
    code,
    `${reason}. Nothing is captured until somebody resolves it, which takes a new snapshot of every table of the source in a new epoch: ${resolveCommand(sourceId, code)}`,
    { cause },
  );
}

/** The agency's code and the source's database, as commands take them. */
export function placeOf(sourceId: string): { readonly agency: string; readonly database: string } {
  const dot = sourceId.indexOf('.');
  return { agency: sourceId.slice(0, dot).toUpperCase().replaceAll('-', '.'), database: sourceId.slice(dot + 1) };
}
