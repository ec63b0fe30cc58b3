import { sqlName, sqlTable } from '../table-facts.js';
import type { Remnants } from './remnants.js';

export type RemovalKind = 'slot' | 'publication' | 'rights' | 'role';

/** Why a step cannot be done now; each has its sentence in {@link obstacleText}. */
export type RemovalObstacle =
  'slot-read' | 'slot-foreign' | 'not-permitted' | 'role-connected' | 'role-owns' | 'role-elsewhere' | 'role-superuser' | 'role-own';

/** One thing that is there and has to go. */
export interface RemovalStep {
  readonly kind: RemovalKind;
  readonly name: string;
  /** What does it, statement by statement, by whoever may. */
  readonly sql: readonly string[];
  /** Null where whoever looked can do it now. */
  readonly obstacle: RemovalObstacle | null;
  /** For the sentence of the obstacle: a process, a number, names of databases. */
  readonly detail: string;
}

/** Everything that is left, in the order in which it goes: the slot first, because it is what holds WAL. */
export function removalPlan(remnants: Remnants): RemovalStep[] {
  return [...slotStep(remnants), ...publicationStep(remnants), ...rightsStep(remnants), ...roleStep(remnants)];
}

function slotStep({ slot, surveyor }: Remnants): RemovalStep[] {
  if (slot === null) return [];
  const step = { kind: 'slot', name: slot.name, sql: [`SELECT pg_drop_replication_slot('${slot.name}')`], detail: '' } as const;
  if (!slot.isOurs) return [{ ...step, sql: [], obstacle: 'slot-foreign' }];
  if (slot.active) return [{ ...step, obstacle: 'slot-read', detail: String(slot.activePid ?? '') }];
  return [{ ...step, obstacle: surveyor.isSuperuser || surveyor.mayReplicate ? null : 'not-permitted' }];
}

function publicationStep({ publication }: Remnants): RemovalStep[] {
  if (publication === null) return [];
  const sql = [`DROP PUBLICATION ${sqlName(publication.name)}`];
  return [{ kind: 'publication', name: publication.name, sql, obstacle: publication.mayDrop ? null : 'not-permitted', detail: '' }];
}

function rightsStep({ role, rights, surveyor, names }: Remnants): RemovalStep[] {
  if (role === null || rights.length === 0) return [];
  const sql = rights.map(({ what }) => `REVOKE ${what} FROM ${sqlName(role.name)}`);
  // Whoever owns what the rights are on is told by PostgreSQL when it is tried; a role takes none from itself.
  const obstacle = surveyor.name === names.role ? 'role-own' : null;
  return [{ kind: 'rights', name: role.name, sql, obstacle, detail: '' }];
}

function roleStep({ role, surveyor, mayDropRole, roleSessions, roleOwns, roleElsewhere }: Remnants): RemovalStep[] {
  if (role === null) return [];
  const step = { kind: 'role', name: role.name, sql: [`DROP ROLE ${sqlName(role.name)}`], detail: '' } as const;
  if (surveyor.name === role.name) return [{ ...step, obstacle: 'role-own' }];
  if (role.isSuperuser) return [{ ...step, sql: [], obstacle: 'role-superuser' }];
  if (roleOwns > 0) return [{ ...step, obstacle: 'role-owns', detail: String(roleOwns) }];
  if (roleElsewhere.length > 0) return [{ ...step, obstacle: 'role-elsewhere', detail: roleElsewhere.join(', ') }];
  if (roleSessions > 0) return [{ ...step, obstacle: 'role-connected', detail: String(roleSessions) }];
  return [{ ...step, obstacle: mayDropRole ? null : 'not-permitted' }];
}

/** What changed at the tables for capturing's sake and stays, with what takes it back: nobody but their owner knows whether something else uses it by now. */
export function keptIdentities({ identityIndexes }: Remnants): { readonly table: string; readonly sql: readonly string[] }[] {
  return identityIndexes.map(({ table, index }) => ({
    table,
    sql: [
      `ALTER TABLE ${sqlTable(table)} REPLICA IDENTITY DEFAULT`,
      `DROP INDEX CONCURRENTLY ${sqlName(table.slice(0, table.indexOf('.')))}.${sqlName(index)}`,
    ],
  }));
}

/** `{detail}` is filled in. */
export const obstacleText: Readonly<Record<RemovalObstacle, { readonly en: string; readonly vi: string }>> = {
  'slot-read': {
    en: 'somebody reads it (process {detail} of the server): stop the agent first',
    vi: 'đang có bên đọc (tiến trình {detail} của máy chủ): hãy dừng tác tử trước',
  },
  'slot-foreign': {
    en: 'it belongs to another database or another program: name the right one with --slot',
    vi: 'thuộc cơ sở dữ liệu khác hoặc chương trình khác: hãy nêu đúng tên bằng --slot',
  },
  'not-permitted': {
    en: 'you may not do this: have it done by somebody who may',
    vi: 'bạn không có quyền: hãy nhờ người có quyền thực hiện',
  },
  'role-connected': {
    en: '{detail} sessions of it are open: stop the agent first',
    vi: 'còn {detail} phiên đang mở: hãy dừng tác tử trước',
  },
  'role-owns': {
    en: 'it owns {detail} things here: give them to somebody else first (REASSIGN OWNED BY)',
    vi: 'đang sở hữu {detail} đối tượng tại đây: hãy chuyển cho vai trò khác trước (REASSIGN OWNED BY)',
  },
  'role-elsewhere': {
    en: 'it has rights in other databases too ({detail}): remove it there first',
    vi: 'còn có quyền ở cơ sở dữ liệu khác ({detail}): hãy gỡ ở đó trước',
  },
  'role-superuser': {
    en: 'it is a superuser, which nobody made for capturing',
    vi: 'là superuser, không phải vai trò tạo riêng để thu nhận',
  },
  'role-own': {
    en: 'it is you: come with the URL of somebody else (--url), or have it done',
    vi: 'chính là bạn: hãy dùng URL của vai trò khác (--url), hoặc nhờ người khác thực hiện',
  },
};
