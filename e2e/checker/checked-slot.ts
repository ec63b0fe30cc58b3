import { topicNames } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { TrucError } from '@truc/kernel';
import { captureStateKey, decodeCaptureState, scanToEnd, type CaptureState } from '@truc/pipeline';
import type { BackboneAccess } from './backbone-access.js';
import { query } from './sql.js';
import type { Stage } from './stage.js';

/** The slot that the checked table is captured by, and the agent that captures it. */
export const checkedSlot = { slot: 'truc_population', agent: 'agent-g01', agency: 'G01' } as const;

const lookMs = 100;
const patienceMs = 90_000;

/** Where the slot and its server are now; LSNs as text. */
export interface SlotPlace {
  /** Of the walsender that reads it; null where nobody does. */
  readonly activePid: number | null;
  readonly confirmed: string;
  readonly current: string;
}

/** The epoch that the agent has stored of the checked source. */
export async function storedEpoch(backbone: BackboneAccess, signal: AbortSignal): Promise<number> {
  return (await storedState(backbone, signal))?.epoch ?? 1;
}

/** Where the checked dataset stood in this epoch when it was given up by itself, as the agent has stored it; null where it was not. */
export async function givenUpAt(backbone: BackboneAccess, epoch: number, signal: AbortSignal): Promise<bigint | null> {
  const gaps = (await storedState(backbone, signal))?.gaps ?? [];
  return gaps.findLast((gap) => gap.dataset !== null && gap.epoch === epoch)?.sequence ?? null;
}

/** Notes where the checked dataset stands that was stopped by itself. */
export async function noteStandingApart({ backbone, history, signal }: Pick<Stage, 'backbone' | 'history' | 'signal'>): Promise<void> {
  const lags = (await storedState(backbone, signal))?.lags ?? [];
  for (const { sequence } of lags) history.add({ kind: 'stands-apart', sequence: String(sequence) });
}

async function storedState(backbone: BackboneAccess, signal: AbortSignal): Promise<CaptureState | null> {
  const reader = openLogReader({ connection: backbone.kafka });
  const key = captureStateKey(checkedSlot.slot);
  let state: CaptureState | null = null;
  try {
    for await (const record of scanToEnd(reader, topicNames.state(checkedSlot.agency), 0, -2n, signal)) {
      if (record.key.equals(key) && record.value !== null) state = decodeCaptureState(record.value);
    }
  } finally {
    await reader.close();
  }
  return state;
}

/** Null where there is no such slot. */
export async function slotPlace(sourceUrl: string): Promise<SlotPlace | null> {
  const [row] = await query<SlotPlace>(
    sourceUrl,
    `SELECT active_pid AS "activePid", confirmed_flush_lsn::text AS confirmed, pg_current_wal_insert_lsn()::text AS current
       FROM pg_replication_slots WHERE slot_name = $1`,
    [checkedSlot.slot],
  );
  return row ?? null;
}

/** Waits until what is committed by now is captured for good, so that no gap that comes later may swallow it. */
export async function noteCaptured(stage: Pick<Stage, 'backbone' | 'sleep' | 'history'>): Promise<void> {
  const beforeMs = stage.history.now();
  const current = (await slotPlace(stage.backbone.databases.population))?.current ?? '0/0';
  await untilSlot(stage, `is not confirmed up to ${current}`, () => isConfirmedPast(stage.backbone.databases.population, current));
  stage.history.add({ kind: 'captured-before', beforeMs });
}

/** Waits until the expected gaps are resolved and somebody reads the slot again: what begins from then on may be lost no more. */
export async function untilCapturedAgain(stage: Pick<Stage, 'backbone' | 'sleep' | 'history' | 'untilGapsResolved'>): Promise<void> {
  await stage.untilGapsResolved();
  await untilSlot(stage, 'is not read again', (slot) => slot !== null && slot.activePid !== null);
  stage.history.add({ kind: 'captured-again' });
}

/** Waits until the slot is as wanted. @throws TrucError CHECKER_SLOT_UNCHANGED */
export async function untilSlot(
  { backbone, sleep }: Pick<Stage, 'backbone' | 'sleep'>,
  what: string,
  isWanted: (slot: SlotPlace | null) => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isWanted(await slotPlace(backbone.databases.population)))) {
    if (performance.now() > deadline)
      throw new TrucError('CHECKER_SLOT_UNCHANGED', `the slot ${checkedSlot.slot} ${what} after ${patienceMs / 1_000} s`);
    await sleep(lookMs);
  }
}

/** Whether everything that was committed by `lsn` is confirmed. */
export async function isConfirmedPast(sourceUrl: string, lsn: string): Promise<boolean> {
  const rows = await query(sourceUrl, 'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn >= $2::pg_lsn', [
    checkedSlot.slot,
    lsn,
  ]);
  return rows.length > 0;
}
