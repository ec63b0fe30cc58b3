import { generatedColumnsFrom, publishedColumns, type CapturePlan, type PlannedTable } from '../capture-plan.js';
import { plannedFacts } from '../planned-tables.js';
import type { PublicationFacts } from '../publication-facts.js';
import type { DatabaseSurvey } from '../survey.js';
import { sqlName, sqlTable, type TableFacts } from '../table-facts.js';
import type { Change } from './change.js';

/** A table with the columns that are sent of it: none named is the whole row. */
export function tableOfPublication(facts: TableFacts, planned: PlannedTable, version: number): string {
  const columns = publishedColumns(facts, planned, version);
  return columns === null ? sqlTable(facts.table) : `${sqlTable(facts.table)} (${columns.map(sqlName).join(', ')})`;
}

/** A partitioned table is published under its root's name: one dataset, whatever its partitions are. */
export function createPublication(survey: DatabaseSurvey, plan: CapturePlan): string {
  const { versionNumber } = survey.server;
  const tables = plannedFacts(survey, plan);
  const listed = tables.map(({ facts, planned }) => `\n  ${tableOfPublication(facts, planned, versionNumber)}`);
  const isGenerated = ({ facts, planned }: (typeof tables)[number]): boolean =>
    facts.columns.some((column) => column.isGenerated && planned.columns.includes(column.name));
  const generated = versionNumber >= generatedColumnsFrom && tables.some(isGenerated) ? ', publish_generated_columns = stored' : '';
  const subject = listed.length === 0 ? '' : ` FOR TABLE${listed.join(',')}\n `;
  return `CREATE PUBLICATION ${sqlName(plan.publication)}${subject} WITH (publish_via_partition_root = true${generated})`;
}

/** Makes the publication, or what of it is missing. */
export function publicationChanges(survey: DatabaseSurvey, plan: CapturePlan): Change[] {
  const { publication, server } = survey;
  const name = sqlName(plan.publication);
  const change = (sql: string, undo: string | null): Change => ({
    part: 'database',
    why: {
      en: 'what is sent: the mapped columns, and what tells rows apart',
      vi: 'những gì được gửi: các cột đã ánh xạ và cột phân biệt dòng',
    },
    sql,
    undo,
  });
  if (publication === null) return [change(createPublication(survey, plan), `DROP PUBLICATION ${name}`)];
  const changes: Change[] = [];
  const tables = plannedFacts(survey, plan);
  if (!publication.publishesEverything)
    changes.push(change(`ALTER PUBLICATION ${name} SET (publish = 'insert, update, delete, truncate')`, null));
  if (!publication.viaRoot && tables.some(({ facts }) => facts.isPartitioned))
    changes.push(
      change(
        `ALTER PUBLICATION ${name} SET (publish_via_partition_root = true)`,
        `ALTER PUBLICATION ${name} SET (publish_via_partition_root = false)`,
      ),
    );
  if (publication.allTables) return changes;
  const wanted = tables.filter(({ facts, planned }) => {
    const present = publication.tables.find(({ table }) => table === facts.table);
    if (present === undefined) return true;
    const columns = publishedColumns(facts, planned, server.versionNumber);
    return columns === null
      ? present.columns !== null
      : present.columns !== null && columns.some((column) => !present.columns?.includes(column));
  });
  for (const { facts, planned } of wanted) {
    const present = publication.tables.find(({ table }) => table === facts.table);
    const added = `ALTER PUBLICATION ${name} ADD TABLE ${tableOfPublication(facts, planned, server.versionNumber)}`;
    const dropped = `ALTER PUBLICATION ${name} DROP TABLE ${sqlTable(facts.table)}`;
    if (present === undefined) changes.push(change(added, dropped));
    else {
      changes.push(change(dropped, `ALTER PUBLICATION ${name} ADD TABLE ${asPublished(present)}`));
      changes.push(change(added, dropped));
    }
  }
  return changes;
}

function asPublished({ table, columns }: PublicationFacts['tables'][number]): string {
  return columns === null ? sqlTable(table) : `${sqlTable(table)} (${columns.map(sqlName).join(', ')})`;
}
