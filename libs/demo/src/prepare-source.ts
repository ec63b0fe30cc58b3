import { TrucError } from '@truc/kernel';
import pg from 'pg';

export interface CapturedTable {
  /** `schema.table`. */
  readonly table: string;
  /** Columns that may be read; keys among them. Nothing else ever leaves the database. */
  readonly columns: readonly string[];
}

export interface SourcePreparation {
  /** Login role of the agency's agent. */
  readonly role: string;
  readonly password: string;
  readonly publication: string;
  readonly tables: readonly CapturedTable[];
}

const { escapeIdentifier, escapeLiteral } = pg;

/**
 * What a database administrator does once in a source: a role that may replicate and read the mapped columns and no more, and a publication of exactly these.
 * May be run again; it then brings role, grants and publication to what is asked.
 * @param url of the superuser, into the source database
 * @throws TrucError DEMO_SOURCE_TABLE for a table that is not there or a name that is none
 */
export async function prepareSource(url: string, { role, password, publication, tables }: SourcePreparation): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'truc-demo' });
  await client.connect();
  try {
    await client.query('BEGIN');
    const exists = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
    const roleName = escapeIdentifier(role);
    const verb = exists.rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(
      `${verb} ROLE ${roleName} LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD ${escapeLiteral(password)}`,
    );
    const database = await client.query<{ name: string }>('SELECT current_database() AS name');
    await client.query(`GRANT CONNECT ON DATABASE ${escapeIdentifier(database.rows[0]?.name ?? '')} TO ${roleName}`);
    // A snapshot locks its table before it reads. SELECT on columns does not allow that; MAINTAIN does and shows no column. Before PostgreSQL 17 there is no
    // MAINTAIN: the role is then given the whole tables, and only the publication keeps the other columns in.
    const hasMaintain =
      Number((await client.query<{ server_version_num: string }>('SHOW server_version_num')).rows[0]?.server_version_num) >= 170_000;
    const published: string[] = [];
    for (const { table, columns } of tables) {
      const [schema = '', name = ''] = table.split('.');
      const qualified = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
      const found = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [qualified]);
      if (found.rows[0]?.there !== true)
        throw new TrucError('DEMO_SOURCE_TABLE', `the database has no table ${table}; load the demo's sources first`);
      const list = columns.map(escapeIdentifier).join(', ');
      await client.query(`GRANT USAGE ON SCHEMA ${escapeIdentifier(schema)} TO ${roleName}`);
      await client.query(`REVOKE ALL ON ${qualified} FROM ${roleName}`);
      await client.query(`GRANT ${hasMaintain ? `SELECT (${list}), MAINTAIN` : 'SELECT'} ON ${qualified} TO ${roleName}`);
      published.push(`TABLE ${qualified} (${list})`);
    }
    await client.query(`DROP PUBLICATION IF EXISTS ${escapeIdentifier(publication)}`);
    // Rows of partitions travel under the name of their root table, so that a partition is never a table of its own to anybody.
    await client.query(
      `CREATE PUBLICATION ${escapeIdentifier(publication)} FOR ${published.join(', ')} WITH (publish_via_partition_root = true)`,
    );
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
