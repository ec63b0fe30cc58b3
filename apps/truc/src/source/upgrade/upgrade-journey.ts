import { hasCode, TrucError, type Clock } from '@truc/kernel';
import type { AgentAnswer } from '@truc/local-stack';
import { withSurveySession, type SurveySession } from '@truc/source-survey';
import { setTimeout as sleep } from 'node:timers/promises';
import { endSlotReader, lsnOf, readTableContents, readTableWrites, readUpgradeServer, type UpgradeServer } from './server-facts.js';
import type { UpgradeRecord } from './upgrade-record.js';
import { upgradeVerdict } from './upgrade-verdict.js';

/** What a person said has been done; each is looked at, as far as it can be. */
export interface UpgradeSaid {
  readonly writesStopped: boolean;
  readonly restored: boolean;
  readonly switched: boolean;
  /** Why it may go on although something cannot be proven; null: it may not. */
  readonly acceptGap: string | null;
}

export interface UpgradeSurroundings {
  /** Of an administrator, on both servers. */
  readonly fromUrl: string;
  readonly toUrl: string;
  readonly statementTimeoutMs: number;
  /** How long the agent is waited for in one call. */
  readonly waitMs: number;
  readonly pollMs: number;
  readonly clock: Clock;
  readonly agent: (command: string, resolution?: { readonly gap: string; readonly reason: string }) => Promise<AgentAnswer>;
  /** Keeps how far it is; a call that is cut short goes on from there. */
  readonly save: (record: UpgradeRecord) => void;
}

/** The steps, in their order. */
export const upgradeSteps = ['look', 'stop', 'drain', 'restore', 'compare', 'switch', 'open'] as const;
export type UpgradeStep = (typeof upgradeSteps)[number];

/** Where the upgrade stands: which step is next, and what keeps it from being done; null where only a person is waited for. */
export interface UpgradeStanding {
  readonly next: UpgradeStep | null;
  readonly held: readonly string[];
}

const replaced = 'CAPTURE_SOURCE_REPLACED';

/** Looks at both servers before anything is done. @throws TrucError UPGRADE_NOT_READY, SURVEY_* */
export async function beginUpgrade(
  about: Pick<UpgradeRecord, 'agency' | 'source' | 'slot' | 'publication' | 'from' | 'to'>,
  surroundings: UpgradeSurroundings,
): Promise<UpgradeRecord> {
  const [from, to] = await bothServers(about, surroundings);
  const missing = [
    ...(from.isStandby ? ['the old server is a standby: name its primary'] : []),
    ...(from.systemIdentifier === to.systemIdentifier ? ['both addresses lead to one cluster'] : []),
    ...(major(from) >= major(to) ? [`the new server is PostgreSQL ${to.version}, and the old one ${from.version}`] : []),
    ...(to.isStandby ? ['the new server is a standby'] : []),
    ...(to.walLevel === 'logical' ? [] : [`wal_level of the new server is ${to.walLevel} and not logical, which takes a restart`]),
    ...(from.slot === null ? [`the old server has no slot ${about.slot} in this database`] : []),
    ...(from.slot?.walStatus === 'lost' ? [`the old server has given the slot ${about.slot} up: resolve that gap first`] : []),
    ...(from.slot !== null && from.slot.activePid === null ? [`nobody reads the slot ${about.slot}: start the agent first`] : []),
    ...(from.tables === null || from.tables.length === 0 ? [`the old server has no publication ${about.publication} with tables`] : []),
    ...(to.slot === null ? [] : [`the new server has a slot ${about.slot} already: drop it there, if nobody needs it`]),
  ];
  if (missing.length > 0) throw new TrucError('UPGRADE_NOT_READY', `the upgrade cannot begin: ${missing.join('; ')}`);
  const record: UpgradeRecord = {
    ...about,
    systemIdentifier: to.systemIdentifier,
    fromVersion: from.version,
    toVersion: to.version,
    stopped: null,
    drainedLsn: null,
    verdict: null,
    resolved: null,
    finishedAtMs: null,
  };
  surroundings.save(record);
  return record;
}

/** Goes on as far as it can without a person. @throws TrucError UPGRADE_*, SURVEY_*, PLATFORM_* */
export async function continueUpgrade(
  begun: UpgradeRecord,
  said: UpgradeSaid,
  surroundings: UpgradeSurroundings,
): Promise<{ readonly record: UpgradeRecord; readonly standing: UpgradeStanding }> {
  let record = begun;
  const keep = (more: Partial<UpgradeRecord>): void => {
    record = { ...record, ...more };
    surroundings.save(record);
  };
  const at = (next: UpgradeStep | null, held: readonly string[] = []) => ({ record, standing: { next, held } });
  const { fromUrl, statementTimeoutMs } = surroundings;
  const onOld = <T>(work: (session: SurveySession) => Promise<T>, mayWrite = false): Promise<T> =>
    withSurveySession(fromUrl, { statementTimeoutMs, mayWrite }, work);

  if (record.stopped === null) {
    if (!said.writesStopped) return at('stop');
    keep({ stopped: await onOld((session) => endOfWrites(session, record, surroundings), true) });
  }
  const { stopped } = record;
  if (stopped === null) return at('stop');
  if (record.drainedLsn === null) {
    const confirmed = await until(surroundings, async () => {
      const lsn = (await onOld((session) => readUpgradeServer(session, record.slot, record.publication))).slot?.confirmedLsn ?? null;
      return lsn !== null && lsnOf(lsn) >= lsnOf(stopped.endLsn) ? { done: lsn } : { notYet: lsn ?? 'nothing' };
    });
    if ('notYet' in confirmed) return at('drain', [`${confirmed.notYet} < ${stopped.endLsn}`]);
    keep({ drainedLsn: confirmed.done });
  }
  if (record.verdict === null) {
    if (!said.restored) return at('restore');
    const verdict = await compared(record, stopped, surroundings);
    if (verdict.kind === 'gap' && said.acceptGap === null) return at('compare', verdict.reasons);
    keep({ verdict: verdict.kind === 'gap' ? { ...verdict, accepted: said.acceptGap } : verdict });
  }
  if (record.resolved === null) {
    if (!said.switched) return at('switch');
    const held = await switched(record, surroundings);
    if (typeof held === 'string') return at('switch', [held]);
    keep({ resolved: held.answer });
  }
  if (record.finishedAtMs === null) {
    const there = await until(surroundings, async () => {
      const [, to] = await bothServers(record, surroundings);
      return to.slot?.activePid ? { done: true } : { notYet: to.slot === null ? 'no slot' : 'nobody reads it' };
    });
    if ('notYet' in there) return at('open', [`${record.slot}: ${there.notYet}`]);
    keep({ finishedAtMs: surroundings.clock.now() });
  }
  return at(null);
}

/** From here on the log of the old server is to stand still. The mark's own commit makes everything before it durable. */
async function endOfWrites(session: SurveySession, { publication }: UpgradeRecord, { clock }: UpgradeSurroundings) {
  await session.rows('marking the end of the old log', "SELECT pg_logical_emit_message(true, 'truc.upgrade', 'the end')");
  const endLsn = await session.value<string>('asking for the end of the old log', 'SELECT pg_current_wal_flush_lsn()::text');
  return { atMs: clock.now(), endLsn, writes: await readTableWrites(session, publication) };
}

async function compared(record: UpgradeRecord, stopped: NonNullable<UpgradeRecord['stopped']>, surroundings: UpgradeSurroundings) {
  const { fromUrl, toUrl, statementTimeoutMs } = surroundings;
  const [from, to] = await bothServers(record, surroundings);
  if (to.tables === null) {
    throw new TrucError(
      'UPGRADE_NOT_READY',
      `the new server has no publication ${record.publication} in this database: run there the script that truc source check --sql writes`,
    );
  }
  const tables = from.tables ?? [];
  const [old, restored] = await Promise.all(
    [fromUrl, toUrl].map((url) => withSurveySession(url, { statementTimeoutMs }, (session) => readTableContents(session, tables))),
  );
  const writesNow = await withSurveySession(fromUrl, { statementTimeoutMs }, (session) => readTableWrites(session, record.publication));
  const unpublished = tables.filter((table) => to.tables?.includes(table) !== true);
  if (unpublished.length > 0)
    throw new TrucError('UPGRADE_NOT_READY', `the publication of the new server lacks ${unpublished.join(', ')}: run the script there`);
  const confirmedLsn = from.slot?.confirmedLsn ?? null;
  return upgradeVerdict(stopped, { confirmedLsn, writesNow, old: old ?? [], restored: restored ?? [], tables });
}

/** @returns what the agent answered to the beginning of the new epoch, or why it has not begun */
async function switched(record: UpgradeRecord, surroundings: UpgradeSurroundings): Promise<string | { readonly answer: string }> {
  const { fromUrl, statementTimeoutMs, agent } = surroundings;
  const flow = `source/${record.source}`;
  // A server that is off has no reader to end.
  await withSurveySession(fromUrl, { statementTimeoutMs }, async (session) => {
    const pid = (await readUpgradeServer(session, record.slot, record.publication)).slot?.activePid ?? null;
    if (pid !== null) await endSlotReader(session, pid);
  }).catch((error: unknown) => {
    if (!hasCode(error, 'SURVEY_REFUSED') && !hasCode(error, 'SURVEY_UNREACHABLE')) throw error;
  });
  const seen = await until(surroundings, async () => {
    const state = (await agent('status')).detail[flow] as { readonly kind?: string; readonly code?: string } | undefined;
    return state?.kind === 'stopped' && state.code === replaced
      ? { done: true }
      : { notYet: [state?.kind ?? 'nothing is known', state?.code].filter(Boolean).join(' ') };
  });
  if ('notYet' in seen) return `${flow}: ${seen.notYet}`;
  const { ok, message } = await agent('resolve', { gap: replaced, reason: resolutionReason(record) });
  if (!ok) throw new TrucError('UPGRADE_EPOCH_REFUSED', `the agent does not begin a new epoch: ${message}`);
  return { answer: message };
}

/** For the audit: what the new epoch begins with, and what is known of the old one's end. */
export function resolutionReason({ fromVersion, toVersion, verdict }: UpgradeRecord): string {
  const end =
    verdict?.kind === 'no gap'
      ? `no gap: confirmed ${verdict.confirmedLsn}, the old log ended at ${verdict.endLsn}, contents equal`
      : `gap: ${verdict?.reasons.join('; ') ?? 'nothing was compared'}; ${verdict?.accepted ?? ''}`;
  return `upgrade from PostgreSQL ${fromVersion} to ${toVersion}; ${end}`.slice(0, 500);
}

function bothServers(
  { slot, publication }: Pick<UpgradeRecord, 'slot' | 'publication'>,
  { fromUrl, toUrl, statementTimeoutMs }: UpgradeSurroundings,
): Promise<[UpgradeServer, UpgradeServer]> {
  const look = (url: string) => withSurveySession(url, { statementTimeoutMs }, (session) => readUpgradeServer(session, slot, publication));
  return Promise.all([look(fromUrl), look(toUrl)]);
}

type Seen<T> = { readonly done: T } | { readonly notYet: string };

async function until<T>({ waitMs, pollMs, clock }: UpgradeSurroundings, look: () => Promise<Seen<T>>): Promise<Seen<T>> {
  const endMs = clock.now() + waitMs;
  for (;;) {
    const seen = await look();
    if ('done' in seen || clock.now() >= endMs) return seen;
    await sleep(pollMs);
  }
}

function major({ versionNumber }: UpgradeServer): number {
  return Math.floor(versionNumber / 10_000);
}
