import { readableColumns, type CapturePlan } from '../capture-plan.js';
import { selectGrant } from '../findings/rights-findings.js';
import { serverFindings } from '../findings/server-findings.js';
import { plannedFacts } from '../planned-tables.js';
import { changedSettings } from '../server-facts.js';
import type { DatabaseSurvey } from '../survey.js';
import { sqlName, sqlTable } from '../table-facts.js';
import type { Change } from './change.js';
import { identityChange } from './identity-sql.js';
import { publicationChanges } from './publication-sql.js';

/**
 * Everything that is missing, in the order in which it is done, with the least rights; what is there already is not done again. Tables that cannot be captured as they
 * stand are left out.
 */
export function setupChanges(survey: DatabaseSurvey, plan: CapturePlan): Change[] {
  return [
    ...settingChanges(survey, plan),
    ...plannedFacts(survey, plan).flatMap(({ facts, planned }) => identityChange(facts, planned)),
    ...roleChanges(survey, plan),
    ...grantChanges(survey, plan),
    ...publicationChanges(survey, plan),
  ];
}

const settingWhy: Readonly<Record<string, Change['why']>> = {
  wal_level: { en: 'changes can be decoded (restart the server)', vi: 'cho phép giải mã thay đổi (khởi động lại máy chủ)' },
  max_replication_slots: { en: 'room for one slot more (restart the server)', vi: 'thêm chỗ cho một khe nhân bản (khởi động lại máy chủ)' },
  max_wal_senders: { en: 'room for one reader more (restart the server)', vi: 'thêm chỗ cho một bên đọc (khởi động lại máy chủ)' },
  max_slot_wal_keep_size: {
    en: 'the most that a slot may keep: a slot is given up before it fills the disk',
    vi: 'mức tối đa một khe được giữ: khe bị bỏ trước khi làm đầy đĩa',
  },
};

const settingStatement = /^ALTER SYSTEM SET ([a-z_]+) = /;

function settingChanges(survey: DatabaseSurvey, plan: CapturePlan): Change[] {
  const { server } = survey;
  const before: Readonly<Record<(typeof changedSettings)[number], string>> = {
    wal_level: server.walLevel,
    max_replication_slots: String(server.slotsMax),
    max_wal_senders: String(server.sendersMax),
    max_slot_wal_keep_size: server.keepBytesMax === null ? '-1' : `${server.keepBytesMax / (1024 * 1024)}MB`,
  };
  return serverFindings(survey, plan.slot)
    .filter(({ severity }) => severity === 'missing')
    .flatMap(({ sql }) => sql)
    .map((sql): Change => {
      const setting = changedSettings.find((name) => name === settingStatement.exec(sql)?.[1]);
      if (setting === undefined) return { part: 'server', why: { en: 'takes effect at once', vi: 'có hiệu lực ngay' }, sql, undo: sql };
      const undo =
        server.setByAlterSystem[setting] === true ? `ALTER SYSTEM SET ${setting} = '${before[setting]}'` : `ALTER SYSTEM RESET ${setting}`;
      return { part: 'server', why: settingWhy[setting] ?? { en: setting, vi: setting }, sql, undo };
    });
}

function roleChanges({ role, tables }: DatabaseSurvey, plan: CapturePlan): Change[] {
  const name = sqlName(plan.role);
  const change = (en: string, vi: string, sql: string, undo: string | null): Change => ({ part: 'database', why: { en, vi }, sql, undo });
  const bypass = tables.some(({ hasRowSecurity }) => hasRowSecurity)
    ? [
        change(
          'a load that lacks rows which row security hides would be wrong (only a superuser may give this)',
          'việc nạp thiếu các dòng bị bảo mật mức dòng che sẽ sai (chỉ superuser cấp được)',
          `ALTER ROLE ${name} BYPASSRLS`,
          role === null ? null : `ALTER ROLE ${name} NOBYPASSRLS`,
        ),
      ]
    : [];
  if (role === null) {
    const made = change(
      `the role that captures. Give it a password that nobody sees: \\password ${plan.role}`,
      `vai trò dùng để thu nhận. Đặt mật khẩu mà không ai thấy: \\password ${plan.role}`,
      `CREATE ROLE ${name} LOGIN REPLICATION`,
      `DROP ROLE ${name}`,
    );
    return [made, ...bypass];
  }
  if (role.isSuperuser) return [];
  const right = (has: boolean, what: string): Change[] =>
    has ? [] : [change(`the role needs ${what}`, `vai trò cần ${what}`, `ALTER ROLE ${name} ${what}`, `ALTER ROLE ${name} NO${what}`)];
  return [...right(role.mayLogin, 'LOGIN'), ...right(role.mayReplicate, 'REPLICATION'), ...(role.bypassesRowSecurity ? [] : bypass)];
}

function grantChanges(survey: DatabaseSurvey, plan: CapturePlan): Change[] {
  const { role, everybody, server } = survey;
  if (role?.isSuperuser === true) return [];
  const name = sqlName(plan.role);
  const { mayConnect, schemas } = role ?? everybody;
  const tables = plannedFacts(survey, plan);
  const grant = (en: string, vi: string, what: string): Change => ({
    part: 'database',
    why: { en, vi },
    sql: `GRANT ${what} TO ${name}`,
    undo: `REVOKE ${what} FROM ${name}`,
  });
  const database = `CONNECT ON DATABASE ${sqlName(server.database)}`;
  const closed = [...new Set(tables.map(({ facts }) => facts.schema))].filter((schema) => !schemas.includes(schema));
  return [
    ...(mayConnect ? [] : [grant('may connect', 'được kết nối', database)]),
    ...closed.map((schema) => grant('may see names in the schema', 'được thấy tên trong lược đồ', `USAGE ON SCHEMA ${sqlName(schema)}`)),
    ...tables.flatMap(({ facts, planned }) => {
      const lacking = readableColumns(facts, planned, server.versionNumber).filter((column) => !facts.selectable.includes(column));
      if (lacking.length === 0) return [];
      const columns = `SELECT (${lacking.map(sqlName).join(', ')}) ON ${sqlTable(facts.table)}`;
      const why = { en: 'may read these columns and no others', vi: 'chỉ được đọc các cột này' };
      return [
        { part: 'database', why, sql: selectGrant(facts.table, lacking, name), undo: `REVOKE ${columns} FROM ${name}` } satisfies Change,
      ];
    }),
  ];
}
