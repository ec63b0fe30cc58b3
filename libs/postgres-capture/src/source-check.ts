import { TrucError, type SecretText } from '@truc/kernel';
import type { SourceCheck } from '@truc/pipeline';
import { inspectSlot } from './replication-slot.js';
import { judgeSlot, type SlotVerdict } from './slot-verdict.js';

/**
 * The pipeline's check of a source, for one slot of a PostgreSQL database.
 * @param fromStandby where the primary of a standby is known
 * @throws (the check) TrucError the gaps of `judgeSlot`; CAPTURE_SOURCE_IS_STANDBY, CAPTURE_CONNECTION_LOST (retry); CAPTURE_SLOT_FOREIGN, CAPTURE_ACCESS_REFUSED
 */
export function postgresSourceCheck(connectionString: SecretText, slot: string, fromStandby = false): SourceCheck {
  return async (stored, highestSent) => {
    const facts = await inspectSlot(connectionString, slot);
    const known =
      stored === null ? null : { ...storedServer(stored), ...(highestSent === null ? {} : { highestSent: highestSent.sequence }) };
    refuseUnlessSound(judgeSlot(known, facts, fromStandby));
    return { systemIdentifier: facts.systemIdentifier, timeline: facts.timeline };
  };
}

function storedServer({ sequence, systemIdentifier, timeline }: NonNullable<Parameters<SourceCheck>[0]>) {
  return {
    sequence,
    ...(systemIdentifier === null ? {} : { systemIdentifier }),
    ...(timeline === null ? {} : { timeline }),
  };
}

/** @throws TrucError with the verdict's code where it is none to stream on */
export function refuseUnlessSound(verdict: SlotVerdict): Extract<SlotVerdict, { kind: 'create' | 'resume' }> {
  if (verdict.kind === 'create' || verdict.kind === 'resume') return verdict;
  throw new TrucError(verdict.code, verdict.sentence, { retry: verdict.kind === 'wait' });
}
