import type { World } from '@truc/demo';
import { prepareSource } from '@truc/demo';
import pg from 'pg';
import { createResidentTable, residentColumns, residentTable } from './resident-table.js';

export const benchPublication = 'truc_bench';
const database = 'bench';
const perTransaction = 1_000;
/** So many rows between two words of progress, and between two looks at whether the run was given up. */
const perCall = 20_000;

export interface AgentLogin {
  readonly role: string;
  readonly password: string;
}

/** The database that everybody captures. */
export class SourceDatabase {
  /** Of the server's administrator. */
  readonly url: string;
  readonly #client: pg.Client;
  #rows = 0;

  private constructor(url: string, client: pg.Client) {
    this.url = url;
    this.#client = client;
  }

  /** @param serverUrl of the server's administrator, into any database */
  static async create(serverUrl: string, world: World, { role, password }: AgentLogin): Promise<SourceDatabase> {
    const administrator = new pg.Client({ connectionString: serverUrl, application_name: 'truc-bench' });
    await administrator.connect();
    await administrator.query(`CREATE DATABASE ${database}`).finally(() => administrator.end());
    const url = new URL(serverUrl);
    url.pathname = `/${database}`;
    await createResidentTable(url.href, world);
    const tables = [{ table: residentTable, columns: residentColumns }];
    await prepareSource(url.href, { role, password, publication: benchPublication, tables });
    const client = new pg.Client({ connectionString: url.href, application_name: 'truc-bench' });
    client.on('error', () => undefined);
    await client.connect();
    return new SourceDatabase(url.href, client);
  }

  /** @returns address for the agents' role */
  urlFor({ role, password }: AgentLogin): string {
    const url = new URL(this.url);
    url.username = role;
    url.password = password;
    return url.href;
  }

  /**
   * Commits new rows in transactions of a thousand, and brings all of it to the disk, so that nothing of this is left to do while it is drained.
   * @returns the position behind the last of them
   */
  async load(rows: number, progress: (rows: number) => void, signal: AbortSignal): Promise<string> {
    for (let done = 0; done < rows;) {
      signal.throwIfAborted();
      const next = Math.min(perCall, rows - done);
      await this.#client.query(`call bench.load(${this.#rows}, ${next}, ${perTransaction})`);
      this.#rows += next;
      done += next;
      progress(done);
    }
    const lsn = await this.position();
    await this.tick();
    await this.#client.query('checkpoint');
    return lsn;
  }

  /** Behind everything that is committed. */
  async position(): Promise<string> {
    const found = await this.#client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
    return found.rows[0]?.lsn ?? '0/0';
  }

  /** Something that is committed and touches no table, so that whoever reads the log gets beyond what was there. */
  async tick(): Promise<void> {
    await this.#client.query("select pg_logical_emit_message(true, 'bench', 'tick')");
  }

  /** The slot's walsender, null where nobody reads it; `isThere` is false until somebody has made it. */
  async slot(name: string): Promise<{ readonly isThere: boolean; readonly pid: number | null; readonly confirmed: bigint }> {
    const found = await this.#client.query<{ active_pid: number | null; confirmed: string | null }>(
      "select active_pid, (confirmed_flush_lsn - '0/0'::pg_lsn)::text as confirmed from pg_replication_slots where slot_name = $1",
      [name],
    );
    const row = found.rows[0];
    return { isThere: row !== undefined, pid: row?.active_pid ?? null, confirmed: BigInt(row?.confirmed ?? '0') };
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

/** `16/B374D848` as a number of bytes. */
export function lsnBytes(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
