import type { RecordedEvent } from '../event-history.js';
import type { FaultSpan } from '../fault.js';
import { FindingDraft } from '../finding-draft.js';
import type { Finding } from '../verdict.js';

export const recoverySecondsMax = 60;

/** Seconds from the end of the last fault until nothing lagged; null where it never came. */
export function recoverySeconds(faults: readonly FaultSpan[], events: readonly RecordedEvent[]): number | null {
  const drained = events.find(({ kind }) => kind === 'drained');
  if (drained === undefined || faults.length === 0) return null;
  const last = Math.max(...faults.map(({ startedAtMs, endedAtMs }) => endedAtMs ?? startedAtMs));
  return Math.max(0, (drained.atMs - last) / 1_000);
}

/**
 * I8: lag is 0 within 60 s of the last fault.
 * @param isBound whether so much may be asked; else how long it took is told, and I8 is evaluated only where it was soon enough
 */
export function judgeRecovery(faults: readonly FaultSpan[], events: readonly RecordedEvent[], isBound: boolean): Finding {
  const draft = new FindingDraft('I8');
  const lasting = faults.filter(({ endedAtMs }) => endedAtMs === null);
  for (const { kind, target } of lasting) draft.violate(`the fault ${kind} of ${target} never ended`);
  if (faults.length === 0) return draft.finding();
  const seconds = recoverySeconds(faults, events);
  if (seconds === null) {
    draft.checked = 1;
    draft.violate('what was committed never arrived everywhere after the last fault');
  } else {
    draft.say(`lag was 0 ${seconds.toFixed(1)} s after the last fault`);
    const isLate = seconds > recoverySecondsMax;
    if (!isLate || isBound) draft.checked = 1;
    if (isLate && isBound)
      draft.violate(`lag was 0 only ${seconds.toFixed(1)} s after the last fault; ${recoverySecondsMax} s are allowed`);
  }
  return draft.finding();
}
