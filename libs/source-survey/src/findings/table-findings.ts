import { covers, generatedColumnsFrom, identityChoice, obstacle, type CapturePlan, type PlannedTable } from '../capture-plan.js';
import { presentTables } from '../planned-tables.js';
import { identityChange } from '../script/identity-sql.js';
import type { DatabaseSurvey } from '../survey.js';
import { sqlName, sqlTable, type TableFacts } from '../table-facts.js';
import { changesPerDay, fullBytesPerDay } from '../wal-estimate.js';
import type { Finding } from './finding.js';

/** Whether each table that is to be captured can be, and what its replica identity costs. */
export function tableFindings(survey: DatabaseSurvey, plan: CapturePlan): Finding[] {
  const present = presentTables(survey, plan);
  const absent = plan.tables.filter(({ table }) => !present.some(({ facts }) => facts.table === table));
  return [
    ...absent.map(({ table }): Finding => ({ code: 'TABLE_UNKNOWN', severity: 'missing', place: table, values: {}, sql: [] })),
    ...present.flatMap(({ facts, planned }) => findingsOf(facts, planned, survey.server.versionNumber)),
  ];
}

function findingsOf(facts: TableFacts, planned: PlannedTable, version: number): Finding[] {
  const place = facts.table;
  const findings: Finding[] = [];
  const add = (code: Finding['code'], severity: Finding['severity'], values: Finding['values'] = {}, sql: readonly string[] = []): void => {
    findings.push({ code, severity, place, values, sql });
  };
  const byName = new Map(facts.columns.map((column) => [column.name, column]));
  const unknown = planned.columns.filter((column) => !byName.has(column));
  if (unknown.length > 0) add('COLUMN_UNKNOWN', 'missing', { columns: unknown.join(', ') });
  for (const column of planned.columns) {
    const { isGenerated = false, generation = null } = byName.get(column) ?? {};
    if (isGenerated && version < generatedColumnsFrom)
      add('COLUMN_GENERATED', 'missing', { columns: column, generation: generation ?? '' });
  }
  const stands = obstacle(facts, planned);
  if (stands === 'no-key') add('KEY_MISSING', 'missing', {}, keySql(facts));
  else if (stands === 'key-not-unique') {
    const keys = facts.uniqueKeys.filter(({ notNull }) => notNull).map(({ columns }) => `(${columns.join(', ')})`);
    add('KEY_OTHER', 'missing', { key: planned.key.join(', '), keys: keys.join(', ') });
  }
  if (stands !== null || unknown.length > 0) return findings;
  return [...findings, ...identityFindings(facts, planned, version), ...childrenFindings(facts, planned)];
}

/** A key of its own, which everything that is there gets a number for. */
export function keySql({ table, columns }: Pick<TableFacts, 'table' | 'columns'>): string[] {
  let name = 'truc_id';
  while (columns.some((column) => column.name === name)) name = `${name}_`;
  return [`ALTER TABLE ${sqlTable(table)} ADD COLUMN ${name} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`];
}

function identityFindings(facts: TableFacts, planned: PlannedTable, version: number): Finding[] {
  const choice = identityChoice(facts, planned);
  const change = identityChange(facts, planned);
  const values = {
    columns: planned.identity.join(', '),
    costBytes: fullBytesPerDay(facts) ?? 0,
    changes: Math.round(changesPerDay(facts)),
    toastBytes: facts.toastBytes,
  };
  const finding = (code: Finding['code'], severity: Finding['severity'], about: Partial<Finding> = {}): Finding => ({
    code,
    severity,
    place: facts.table,
    values,
    sql: change.map(({ sql }) => sql),
    ...about,
  });
  switch (choice.kind) {
    case 'index':
      return [finding('IDENTITY_INDEX', 'missing'), ...toastFindings(facts, planned, finding)];
    case 'kept':
      return toastFindings(facts, planned, finding);
    case 'full': {
      const later = facts.isPartitioned ? [finding('IDENTITY_PARTITIONS', 'risk', { sql: [] })] : [];
      if (choice.isNew) return [finding('IDENTITY_FULL_NEEDED', 'missing'), ...later];
      const others = facts.columns.filter(({ name }) => !planned.columns.includes(name)).length;
      return version === 0 ? [] : [finding('IDENTITY_FULL', 'note', { values: { ...values, others }, sql: [] }), ...later];
    }
  }
}

/** Below this going through all of a table is nothing. */
const childrenFew = 1_000;

function childrenFindings({ table, indexes, isPartitioned, rowsEstimated }: TableFacts, { pointing = [] }: PlannedTable): Finding[] {
  const isThere = indexes.some((columns) => covers(columns.slice(0, pointing.length), pointing));
  if (pointing.length === 0 || isThere || rowsEstimated < childrenFew) return [];
  const made = `CREATE INDEX ${isPartitioned ? '' : 'CONCURRENTLY '}ON ${sqlTable(table)} (${pointing.map(sqlName).join(', ')})`;
  const values = { columns: pointing.join(', '), rows: rowsEstimated };
  return [{ code: 'CHILDREN_INDEX', severity: 'risk', place: table, values, sql: [made] }];
}

function toastFindings(
  facts: TableFacts,
  planned: PlannedTable,
  finding: (code: Finding['code'], severity: Finding['severity'], about: Partial<Finding>) => Finding,
): Finding[] {
  const large = facts.columns.filter(({ name, mayBeToasted }) => mayBeToasted && planned.columns.includes(name)).map(({ name }) => name);
  if (large.length === 0) return [];
  const values = {
    columns: large.join(', '),
    costBytes: fullBytesPerDay(facts) ?? 0,
    changes: Math.round(changesPerDay(facts)),
    toastBytes: facts.toastBytes,
  };
  if (facts.toastBytes === 0) return [finding('TOAST_NONE_YET', 'note', { values, sql: [] })];
  return [finding('TOAST', 'risk', { values, sql: [`ALTER TABLE ${sqlTable(facts.table)} REPLICA IDENTITY FULL`] })];
}
