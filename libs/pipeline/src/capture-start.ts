import { maxPosition, TrucError, type Position } from '@truc/kernel';
import { openGap } from './capture-gap.js';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import type { SourceIdentity } from './change-source.js';
import { captureStateKey, decodeCaptureState, type CaptureState } from './capture-state.js';
import { highestSentPositions, type SentPositions } from './sent-position.js';
import { scanToEnd } from './log-scan.js';
import { confirmable } from './table-lag.js';

/**
 * Judges whether the source may be read on from what is stored, before the first byte is streamed. The source's adapter knows how. The stored sequence is what the source was told to keep from.
 * @param highestSent the highest position that was ever sent in the stored epoch, which may lie beyond the stored one; null when nothing was
 * @throws TrucError with the code of the gap; others, where the source cannot be asked
 */
export type SourceCheck = (
  stored: Pick<CaptureState, 'sequence' | 'systemIdentifier' | 'timeline'> | null,
  highestSent: Position | null,
) => Promise<SourceIdentity>;

type StartOptions = Pick<CaptureFlowOptions, 'sourceId' | 'slot' | 'stateTopic' | 'tables' | 'reader' | 'checkSource'>;

/** The state that was stored last; null where there is none. @throws TrucError CAPTURE_STATE_INVALID */
export async function readCaptureState(options: StartOptions, signal: AbortSignal): Promise<CaptureState | null> {
  return (await readStoredState(options, signal))?.state ?? null;
}

/** The state that was stored last, and when that was, in milliseconds; null where there is none. @throws TrucError CAPTURE_STATE_INVALID */
export async function readStoredState(
  { reader, stateTopic, slot }: StartOptions,
  signal: AbortSignal,
): Promise<{ readonly state: CaptureState; readonly atMs: number } | null> {
  const key = captureStateKey(slot);
  let last: { readonly bytes: Buffer; readonly atMs: number } | null = null;
  for await (const { key: found, value, timestampMs } of scanToEnd(reader, stateTopic, 0, -2n, signal)) {
    if (found.equals(key)) last = value === null ? null : { bytes: Buffer.from(value), atMs: timestampMs };
  }
  return last === null ? null : { state: decodeCaptureState(last.bytes), atMs: last.atMs };
}

/** The highest positions in the source's topics, looked for from where the state says that it was sure. */
export function readHighestSent(
  { reader, tables }: StartOptions,
  stored: CaptureState | null,
  signal: AbortSignal,
): Promise<SentPositions> {
  const datasets = [...tables.values()].map(({ dataset }) => dataset);
  return highestSentPositions(reader, datasets, stored?.endOffsets ?? {}, signal);
}

/**
 * Whether capturing may go on. A gap that is open in the state stays open whatever the source looks like by now: a restored server grows past the stored position in
 * time, and would then look sound.
 * @throws TrucError the gap, with a code of `gapCodes`; others where the source cannot be asked
 */
export async function judgeStart(options: StartOptions, stored: CaptureState | null, sent: Position | null): Promise<SourceIdentity> {
  const { sourceId, slot, checkSource } = options;
  const open = openGap(stored?.gaps ?? []);
  if (open !== null) throw new TrucError(open.code, open.reason);
  if (stored === null && sent !== null) {
    throw new TrucError(
      'CAPTURE_STATE_LOST',
      `the topics of ${sourceId} hold events up to epoch ${sent.epoch} and there is no stored state for the slot "${slot}": what was captured since is not known`,
    );
  }
  if (stored !== null && sent !== null && sent.epoch > stored.epoch) {
    throw new TrucError(
      'CAPTURE_STATE_BEHIND',
      `the topics of ${sourceId} hold events of epoch ${sent.epoch} and the stored state is of epoch ${stored.epoch}: the state topic was put back to an earlier time`,
    );
  }
  if (stored === null) return checkSource(null, null);
  // The slot is confirmed for the table that is furthest behind; what was published of the others is beyond.
  const reached = stored.lags.length === 0 ? null : { epoch: stored.epoch, sequence: stored.sequence, index: 0 };
  return checkSource({ ...stored, sequence: confirmable(stored) }, maxPosition(sent?.epoch === stored.epoch ? sent : null, reached));
}
