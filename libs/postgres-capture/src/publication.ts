import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';
import { quoteTable, splitTableName } from './captured-table.js';
import { textRows } from './source-session.js';

/**
 * Makes or completes a publication, for the local stack and for tests; in production the source's administrator does it with the same SQL (`publicationSql`).
 * @param client of the tables' owner
 */
export async function ensurePublication(
  client: Client,
  publication: { readonly name: string; readonly tables: readonly string[] },
): Promise<void> {
  const [[version] = []] = await textRows(client, "SELECT current_setting('server_version_num')");
  const present = await textRows(client, 'SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = $1', [publication.name]);
  const [exists] = await textRows(client, 'SELECT 1 FROM pg_publication WHERE pubname = $1', [publication.name]);
  if (exists === undefined) {
    await client.query(publicationSql(publication, Number(version)));
    return;
  }
  const known = new Set(present.map(([schema, table]) => `${schema}.${table}`));
  for (const table of publication.tables.filter((name) => !known.has(name))) {
    await client.query(`ALTER PUBLICATION ${escapeIdentifier(publication.name)} ADD TABLE ${quoteTable(splitTableName(table))}`);
  }
}

/**
 * The SQL that an administrator runs. A partitioned table is published under its root's name: one dataset, whatever its partitions are.
 * PostgreSQL 18 can send stored generated columns and is told to; before that they are not in the stream, nor then in a snapshot.
 * @param serverVersion server_version_num, e.g. 180004
 */
export function publicationSql(publication: { readonly name: string; readonly tables: readonly string[] }, serverVersion: number): string {
  const tables = publication.tables.map((table) => quoteTable(splitTableName(table))).join(', ');
  const generated = serverVersion >= 180_000 ? ', publish_generated_columns = stored' : '';
  const subject = tables === '' ? '' : ` FOR TABLE ${tables}`;
  return `CREATE PUBLICATION ${escapeIdentifier(publication.name)}${subject} WITH (publish_via_partition_root = true${generated})`;
}
