import { TrucError } from '@truc/kernel';
import { z } from 'zod';

/** What cannot be captured any more, or is not known to have been. Each stops the flow until a person resolves it; docs/operations/gaps.md tells of them one by one. */
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

/** The gap that nobody has resolved yet. There is one at most, for nothing is captured while there is one. */
export function openGap(gaps: readonly CaptureGap[]): CaptureGap | null {
  return gaps.find(({ resolution }) => resolution === null) ?? null;
}

export function withGap(gaps: readonly CaptureGap[], gap: CaptureGap): CaptureGap[] {
  return [...gaps.filter(({ resolution }) => resolution !== null), gap].slice(-gapsMax);
}

/** The gap as the flow stops with it: the sentence, and the command that resolves it. @param sourceId `<agency slug>.<database>` */
export function gapError(sourceId: string, code: string, reason: string, cause?: unknown): TrucError {
  const dot = sourceId.indexOf('.');
  const agency = sourceId.slice(0, dot).toUpperCase().replaceAll('-', '.');
  const command = `truc agent resolve ${agency} ${sourceId.slice(dot + 1)} --gap ${code} --reason "..."`;
  return new TrucError(
    code,
    `${reason}. Nothing is captured until somebody resolves it, which takes a new snapshot of every table of the source in a new epoch: ${command}`,
    { cause },
  );
}
