import { readableColumns, type CapturePlan } from '../capture-plan.js';
import { plannedFacts } from '../planned-tables.js';
import type { DatabaseSurvey } from '../survey.js';
import { sqlName, sqlTable } from '../table-facts.js';
import type { Finding } from './finding.js';

/** Whether the role that captures may do what capturing does, and what it may do beyond. */
export function rightsFindings(survey: DatabaseSurvey, plan: CapturePlan): Finding[] {
  const { role, server, everybody } = survey;
  const name = sqlName(plan.role);
  const findings: Finding[] = [];
  const missing = (code: Finding['code'], place: string, sql: string, values: Finding['values'] = {}): void => {
    findings.push({ code, severity: 'missing', place, values, sql: [sql] });
  };
  if (role === null) missing('ROLE_MISSING', plan.role, `CREATE ROLE ${name} LOGIN REPLICATION`);
  else if (!role.isSuperuser) {
    if (!role.mayLogin) missing('ROLE_LOGIN', plan.role, `ALTER ROLE ${name} LOGIN`);
    if (!role.mayReplicate) missing('ROLE_REPLICATION', plan.role, `ALTER ROLE ${name} REPLICATION`);
  }
  const { mayConnect, schemas } = role ?? everybody;
  if (!mayConnect) {
    const sql = `GRANT CONNECT ON DATABASE ${sqlName(server.database)} TO ${name}`;
    missing('CONNECT_MISSING', plan.role, sql, { database: server.database });
  }
  const tables = plannedFacts(survey, plan);
  for (const schema of new Set(tables.map(({ facts }) => facts.schema))) {
    if (!schemas.includes(schema)) missing('SCHEMA_MISSING', schema, `GRANT USAGE ON SCHEMA ${sqlName(schema)} TO ${name}`, { role: name });
  }
  for (const { facts, planned } of tables) {
    const lacking = readableColumns(facts, planned, server.versionNumber).filter((column) => !facts.selectable.includes(column));
    if (lacking.length > 0)
      missing('SELECT_MISSING', facts.table, selectGrant(facts.table, lacking, name), { role: name, columns: lacking.join(', ') });
    if (facts.hasRowSecurity && role?.bypassesRowSecurity !== true && role?.isSuperuser !== true)
      missing('ROW_SECURITY', facts.table, `ALTER ROLE ${name} BYPASSRLS`, { role: name });
  }
  return [...findings, ...(role === null ? [] : excessFindings(survey, plan))];
}

export function selectGrant(table: string, columns: readonly string[], role: string): string {
  return `GRANT SELECT (${columns.map(sqlName).join(', ')}) ON ${sqlTable(table)} TO ${role}`;
}

/** What the role may do that capturing does not need. */
function excessFindings(survey: DatabaseSurvey, plan: CapturePlan): Finding[] {
  const { role, server } = survey;
  if (role === null) return [];
  const risk = (code: Finding['code'], place: string, values: Finding['values'] = {}): Finding => ({
    code,
    severity: 'risk',
    place,
    values,
    sql: [],
  });
  // Of somebody who may do everything it does not help to list it.
  if (role.isSuperuser) return [risk('ROLE_SUPERUSER', plan.role)];
  const rights = [
    ...(role.mayCreateRoles ? ['CREATEROLE'] : []),
    ...(role.mayCreateDatabases ? ['CREATEDB'] : []),
    ...(role.mayCreateInDatabase ? [`CREATE ON DATABASE ${server.database}`] : []),
    ...role.createsIn.map((schema) => `CREATE ON SCHEMA ${schema}`),
    ...role.memberOf,
  ];
  const findings = rights.length === 0 ? [] : [risk('ROLE_MORE', plan.role, { rights: rights.join(', ') })];
  for (const { facts, planned } of plannedFacts(survey, plan)) {
    const readable = readableColumns(facts, planned, server.versionNumber);
    const more = facts.selectable.filter((column) => !readable.includes(column));
    const values = { role: sqlName(plan.role), count: more.length, columns: more.join(', ') };
    if (more.length > 0) findings.push(risk('SELECT_MORE', facts.table, values));
    if (facts.writable) findings.push(risk('MAY_WRITE', facts.table, { role: sqlName(plan.role) }));
  }
  return findings;
}
