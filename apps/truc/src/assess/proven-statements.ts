import { readByKeys, type SurveySession, type TableFacts } from '@truc/source-survey';
import type { ProposedStatement } from './assessment.js';
import { mendingSql, mendingTransform } from './mending.js';
import type { ProvenMending } from './mending-trials.js';

const keysOfStatement = 1_000;
/** Server encodings other than this have no characters beyond their own, and `normalize` refuses them. */
const unicode = 'UTF8';

/** Statements for what was proven of the rows, without those that would give a row the code of another. @throws TrucError SURVEY_* */
export async function provenStatements(
  session: SurveySession,
  facts: TableFacts,
  mendings: readonly ProvenMending[],
  tables: readonly TableFacts[],
): Promise<ProposedStatement[]> {
  if (mendings.length === 0 || (await session.value<string>('asking for the encoding', 'SHOW server_encoding')) !== unicode) return [];
  const statements: ProposedStatement[] = [];
  const leftAlone = new Set<string>();
  for (const { mending, rows, made } of mendings) {
    // What follows in a column was tried on what the one before had left.
    if (leftAlone.has(mending.column) || (await areTaken(session, facts, mending.column, made))) {
      leftAlone.add(mending.column);
      continue;
    }
    statements.push({
      kind: mending.kind,
      column: mending.column,
      sql: mendingSql(mending),
      rows,
      transform: mendingTransform(mending),
      referredBy: tables.filter((table) => refersTo(table, facts.table, mending.column)).map(({ table }) => table),
    });
  }
  return statements;
}

async function areTaken(session: SurveySession, facts: TableFacts, column: string, made: readonly string[]): Promise<boolean> {
  for (let from = 0; from < made.length; from += keysOfStatement) {
    const keys = made.slice(from, from + keysOfStatement).map((text) => [text]);
    if ((await readByKeys(session, facts, { key: [column], columns: [column] }, keys)).length > 0) return true;
  }
  return false;
}

function refersTo({ foreignKeys }: TableFacts, table: string, column: string): boolean {
  return foreignKeys.some((key) => key.table === table && key.key.includes(column));
}
