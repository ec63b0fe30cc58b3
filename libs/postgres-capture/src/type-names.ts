import type { Client } from 'pg';
import { textRows } from './source-session.js';

/**
 * Names by format_type without a modifier; a domain goes by its base type, since that is the text form its values have. Types outside pg_catalog are qualified
 * by their schema (the session's search_path is pg_catalog), so one name is one type.
 */
const QUERY = `
  WITH RECURSIVE base AS (
    SELECT oid AS id, oid, typtype, typbasetype FROM pg_type WHERE oid = ANY ($1::oid[])
    UNION ALL
    SELECT base.id, t.oid, t.typtype, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.typbasetype WHERE base.typtype = 'd'
  )
  SELECT id, format_type(oid, NULL) FROM base WHERE typtype <> 'd'`;

/** Type names by id, remembered for the life of the source. */
export class TypeNames {
  private readonly names = new Map<number, string>();

  /** @param withClient lends a session for one query; called only when an id is new */
  constructor(private readonly withClient: <T>(work: (client: Client) => Promise<T>) => Promise<T>) {}

  /** The stream's own word on a type, which stands in where the catalogue no longer knows the id. */
  announce(id: number, schema: string, name: string): void {
    if (!this.names.has(id)) this.announced.set(id, schema === 'pg_catalog' ? name : `${schema}.${name}`);
  }

  private readonly announced = new Map<number, string>();

  /** @throws TrucError when the catalogue cannot be read */
  async resolve(ids: readonly number[]): Promise<(id: number) => string> {
    const unknown = [...new Set(ids)].filter((id) => !this.names.has(id));
    if (unknown.length > 0) {
      const rows = await this.withClient((client) => textRows(client, QUERY, [`{${unknown.join(',')}}`]));
      for (const [id, name] of rows) this.names.set(Number(id), name ?? 'unknown');
    }
    return (id) => this.names.get(id) ?? this.announced.get(id) ?? 'unknown';
  }
}
