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

/** I8: lag is 0 within 60 s of the last fault. */
export function judgeRecovery(faults: readonly FaultSpan[], events: readonly RecordedEvent[]): Finding {
  const draft = new FindingDraft('I8');
  const lasting = faults.filter(({ endedAtMs }) => endedAtMs === null);
  for (const { kind, target } of lasting) draft.violate(`the fault ${kind} of ${target} never ended`);
  if (faults.length === 0) return draft.finding();
  draft.checked = 1;
  const seconds = recoverySeconds(faults, events);
  if (seconds === null) {
    draft.violate('what was committed never arrived everywhere after the last fault');
  } else {
    draft.say(`lag was 0 ${seconds.toFixed(1)} s after the last fault`);
    if (seconds > recoverySecondsMax)
      draft.violate(`lag was 0 only ${seconds.toFixed(1)} s after the last fault; ${recoverySecondsMax} s are allowed`);
  }
  return draft.finding();
}
