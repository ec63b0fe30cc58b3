import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentCommand, AgentReply } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { systemClock } from '@truc/kernel';
import { HeldRows, isWanted, rereadKey, RETRY_RULE, type FlowSet, type LogReader } from '@truc/pipeline';
import { captureName } from './capture-plans.js';
import { capturedTable, type QuarantineCommandParts } from './quarantine-command.js';
import type { DatasetsApart } from './datasets-apart.js';
import type { RetryDesk } from './retry-desk.js';

export interface RetryCommandParts extends QuarantineCommandParts {
  readonly flows: FlowSet;
  readonly retries?: RetryDesk;
  readonly apart?: DatasetsApart;
}

/** Of one command. A change of what rows are judged by reads all that is held again by itself, however much it is. */
const rowsMax = 10_000;
/** Kept of the time that is given for the answer to be on its way, in milliseconds. */
const answerMs = 1_000;

/**
 * Reads rows that are held again at the source and judges them by what holds now. The capture of the source ends in order and begins anew at once; nothing else is waited for.
 * @param signal aborts when this node no longer acts for the source
 * @throws TrucError those of the log
 */
export async function obeyRetry(asked: AgentCommand, parts: RetryCommandParts, signal: AbortSignal): Promise<AgentReply> {
  const { id, source, quarantine, deadlineMs } = asked;
  const { flows, entries, seat, retries, connection, apart } = parts;
  const reply = (ok: boolean, message: string, detail: object = {}): AgentReply => ({ id, ok, message, detail: { ...detail } });
  if (source === null || quarantine === undefined || retries === undefined) return reply(false, 'a retry is of one dataset at one source');
  const captured = capturedTable(entries, seat.agency, source, quarantine.dataset);
  if (captured === null) return reply(false, `no policy names the dataset ${quarantine.dataset} at the source ${seat.agency}/${source}`);
  const flow = captureName(source);
  const state = flows.states()[flow]?.kind;
  if (state !== 'running') return reply(false, `the capture of ${source} is ${state ?? 'not there'}: it has to run for a retry`);
  const standing = apart?.of(flow)[`${flow}/${quarantine.dataset}`]?.kind;
  if (standing === 'stopped')
    return reply(false, `${quarantine.dataset} is stopped: what is held of it is read again when it goes on. See the status`);
  if (standing === 'gap')
    return reply(false, `${quarantine.dataset} has a gap: its table is read anew when somebody resolves it. See the status`);
  const within = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, deadlineMs - systemClock.now() - answerMs))]);
  const reader = openLogReader({ connection });
  let keys: (readonly string[])[];
  try {
    keys = await keysOf(quarantine, captured.dataset.quarantineTopic, reader, within);
  } finally {
    await reader.close();
  }
  if (keys.length === 0) return reply(true, 'nothing is held that this names', { asked: 0, released: 0 });
  const progress = retries.ask(source, [{ table: captured.table.table, keys }]);
  await flows.pause(flow);
  await flows.resume(flow);
  const released = (): number => progress.outcomes.reduce((sum, outcome) => sum + outcome.released, 0);
  const isThrough = (): boolean => progress.outcomes.at(-1)?.isLast === true;
  while (!isThrough() && !within.aborted) await sleep(50, undefined, { signal: within }).catch(() => {});
  const told = { asked: keys.length, released: released() };
  const failed = progress.outcomes.at(-1)?.failure ?? null;
  if (failed !== null) return reply(false, `the rows could not be read again, and are held as they were: ${failed.message}`, told);
  if (!isThrough()) return reply(true, `${keys.length} rows are being read again; look at the quarantine in a while`, told);
  const more = keys.length === rowsMax ? `; there may be more than ${rowsMax}: repeat it for the rest` : '';
  return reply(
    true,
    `${keys.length} rows were read again: ${released()} are held no more, ${keys.length - released()} still are${more}`,
    told,
  );
}

async function keysOf(
  { entry, rule, element }: NonNullable<AgentCommand['quarantine']>,
  topic: string,
  reader: LogReader,
  signal: AbortSignal,
): Promise<(readonly string[])[]> {
  if ((await reader.partitions(topic)) === null) return [];
  const filter = { ...(rule === undefined ? {} : { rule }), ...(element === undefined ? {} : { element }) };
  const held = await HeldRows.find({
    reader,
    topic,
    signal,
    isWanted: (one) =>
      (entry === null || one.entry === BigInt(entry)) &&
      // What an earlier retry was given up over has lost its reasons.
      one.reasons.some((reason) => reason.rule === RETRY_RULE || isWanted(reason.rule, reason.element, filter)),
  });
  const keys: (readonly string[])[] = [];
  for await (const one of held.entries()) {
    const key = rereadKey(one.sourceKey);
    if (key !== null) keys.push(...key);
    if (keys.length >= rowsMax) break;
  }
  return keys;
}
