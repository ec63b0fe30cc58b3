import type { DatabaseSurvey } from '../survey.js';
import { hoursOfWal, proposedKeepBytes, walBytesPerDay } from '../wal-estimate.js';
import type { Finding } from './finding.js';

/** From which version on a standby decodes. */
const standbyVersionMin = 160_000;
/** What a limit for slots should last for at the least: a day that nobody works. */
const keepHoursLeast = 24;
const reload = 'SELECT pg_reload_conf()';

/** What of the server stands in the way of a slot, and whether that slot could fill its disk. @param slot of the agent, which may be there already */
export function serverFindings(survey: DatabaseSurvey, slot: string | null): Finding[] {
  const { server } = survey;
  const findings: Finding[] = [];
  const add = (finding: Omit<Finding, 'place' | 'values' | 'sql'> & Partial<Finding>): void => {
    findings.push({ place: 'server', values: {}, sql: [], ...finding });
  };
  if (server.isStandby && server.versionNumber < standbyVersionMin) add({ code: 'SERVER_STANDBY', severity: 'missing' });
  if (server.isStandby && server.versionNumber >= standbyVersionMin) {
    add({ code: 'STANDBY_SOURCE', severity: 'note' });
    const sql = [alterSystem('hot_standby_feedback', 'on'), reload];
    if (!server.standbyFeedback) add({ code: 'STANDBY_FEEDBACK', severity: 'missing', sql });
  }
  if (server.encoding === 'SQL_ASCII') add({ code: 'SERVER_ENCODING', severity: 'missing' });
  if (server.walLevel !== 'logical')
    add({ code: 'WAL_LEVEL', severity: 'missing', values: { current: server.walLevel }, sql: [alterSystem('wal_level', 'logical')] });
  const own = server.slots.find(({ name }) => name === slot);
  if (own === undefined && server.slots.length >= server.slotsMax) {
    const sql = [alterSystem('max_replication_slots', String(server.slots.length + 5))];
    add({ code: 'SLOTS_FREE', severity: 'missing', values: { max: server.slotsMax }, sql });
  }
  if (own?.active !== true && server.sendersUsed >= server.sendersMax) {
    const sql = [alterSystem('max_wal_senders', String(server.sendersUsed + 5))];
    add({ code: 'SENDERS_FREE', severity: 'missing', values: { used: server.sendersUsed, max: server.sendersMax }, sql });
  }
  findings.push(...diskFindings(survey), ...slotFindings(survey));
  return findings;
}

/** Whether a slot could fill the disk. */
function diskFindings({ server, disk }: DatabaseSurvey): Finding[] {
  const { keepBytesMax } = server;
  const proposed = proposedKeepBytes(server, disk);
  const findings: Finding[] = [];
  const add = (code: Finding['code'], severity: Finding['severity'], values: Finding['values'], sql: readonly string[] = []): void => {
    findings.push({ code, severity, place: 'server', values, sql });
  };
  const limit = [alterSystem('max_slot_wal_keep_size', megabytes(proposed)), reload];
  if (keepBytesMax === null) add('KEEP_UNLIMITED', 'missing', { keepBytes: proposed }, limit);
  else if (disk !== null && keepBytesMax > disk.freeBytes) {
    add('KEEP_LARGER_THAN_DISK', 'missing', { keepBytes: keepBytesMax, freeBytes: disk.freeBytes, proposedBytes: proposed }, limit);
  } else {
    const lastsHours = hoursOfWal(server, keepBytesMax);
    if (lastsHours !== null && lastsHours < keepHoursLeast) add('KEEP_SHORT', 'risk', { keepBytes: keepBytesMax, lastsHours });
    else add('KEEP_LIMIT', 'note', { keepBytes: keepBytesMax });
  }
  if (disk === null) add('DISK_UNKNOWN', 'risk', {});
  else add('DISK_FREE', 'note', { freeBytes: disk.freeBytes });
  const dayBytes = walBytesPerDay(server);
  if (dayBytes !== null && server.wal !== null) add('WAL_PACE', 'note', { dayBytes, sinceHours: Number(server.wal.seconds) / 3600 });
  return findings;
}

/** Slots that hold WAL for nobody, whoever's they are: this is how a disk fills. */
function slotFindings({ server }: DatabaseSurvey): Finding[] {
  return server.slots.flatMap(({ name, active, retainedBytes, walStatus }): Finding[] => {
    const drop = [`SELECT pg_drop_replication_slot('${name}')`];
    if (walStatus === 'lost') return [{ code: 'SLOT_LOST', severity: 'risk', place: name, values: {}, sql: drop }];
    if (active || retainedBytes === null) return [];
    return [{ code: 'SLOT_UNREAD', severity: 'risk', place: name, values: { retainedBytes: Number(retainedBytes) }, sql: drop }];
  });
}

export function alterSystem(setting: string, value: string): string {
  return `ALTER SYSTEM SET ${setting} = '${value}'`;
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / (1024 * 1024))}MB`;
}
