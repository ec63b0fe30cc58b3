import { demoSource } from '@truc/testing';
import pg from 'pg';

/** Bytes of a portrait: more than a row has room for, so that PostgreSQL keeps it outside (TOAST), and random, so that it cannot be compressed. */
export const portraitBytes = 20_000;
const rowsOfTransaction = 10;

/** Which rows are changed: those of one kind alone. */
export type RowKind = 'plain' | 'portrait';

/** The population database of the demo, grown to as many rows as are to be changed. */
export class Population {
  readonly #client: pg.Client;
  readonly pid: number;

  private constructor(client: pg.Client, pid: number) {
    this.#client = client;
    this.pid = pid;
  }

  /** @param url of the superuser */
  static async create(url: string): Promise<Population> {
    const client = new pg.Client({ connectionString: url, application_name: 'truc-bench' });
    client.on('error', () => undefined);
    await client.connect();
    // How long a commit waits for the disk is not what is measured.
    await client.query('set synchronous_commit = off');
    await client.query(demoSource('population').schemaSql);
    await client.query(changeProcedure);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return new Population(client, rows[0]?.pid ?? 0);
  }

  /** Rows as the demo has them: a name, an address with coordinates, a mother, a telephone number. Pages are written to the log as a whole the first time after a checkpoint: once here, so that they are not later. */
  async fill(kind: RowKind, rows: number): Promise<void> {
    await this.#client.query('truncate dancu.cong_dan');
    await this.#client.query(
      `insert into dancu.cong_dan (so_dinh_danh, ma_tinh, ho_ten, ngay_sinh, gioi_tinh, ma_dan_toc, tt_hon_nhan, nhom_mau, que_quan_tinh, ma_xa_thuong_tru, dia_chi, so_dd_me, sdt, email, anh_chan_dung, "nguoiCapNhat")
       select '001099' || lpad(i::text, 6, '0'), '01', 'Nguyễn Thị Minh ' || i, date '1960-01-01' + i % 20000, 'NU', 1 + i % 54, 1, 'O+', '37', '00070',
         jsonb_build_object('so_nha', (i % 200) || ' phố Hàng Bài', 'to', 'Tổ ' || i % 30, 'toa_do', jsonb_build_array(21.02, 105.85)), '001160' || lpad(i::text, 6, '0'), '09' || lpad(i::text, 8, '0'),
         'nguoi.' || i || '@example.vn', $2::bytea, 'can-bo-' || i % 40 from generate_series(1, $1::int) i`,
      [rows, null],
    );
    if (kind === 'portrait') {
      await this.#client.query(
        `update dancu.cong_dan set anh_chan_dung = (select decode(string_agg(md5(random()::text || so_dinh_danh || n), ''), 'hex') from generate_series(1, ${portraitBytes / 16}) n)`,
      );
    }
    await this.#client.query('vacuum (analyze) dancu.cong_dan');
    await this.#client.query('checkpoint');
    await this.change('update', rows);
  }

  async identity(full: boolean): Promise<void> {
    for (const table of ['cong_dan', 'cong_dan_p01'])
      await this.#client.query(`alter table dancu.${table} replica identity ${full ? 'full' : 'default'}`);
  }

  /** Changes every row once, in transactions of ten. An update sets two short columns, none of the key. */
  async change(what: 'update' | 'delete', rows: number): Promise<void> {
    await this.#client.query(`call public.change($1, $2, ${rowsOfTransaction})`, [what, rows]);
  }

  /** Behind everything that is in the log. */
  async position(): Promise<bigint> {
    const { rows } = await this.#client.query<{ bytes: string }>(`select (pg_current_wal_insert_lsn() - '0/0')::text as bytes`);
    return BigInt(rows[0]?.bytes ?? '0');
  }

  /** Bytes of a row by the planner's statistics, as `source check` and `source assess` reckon with. */
  async rowBytes(): Promise<number> {
    const { rows } = await this.#client.query<{ bytes: number }>(
      `select sum(avg_width)::int as bytes from pg_stats where schemaname = 'dancu' and tablename = 'cong_dan'`,
    );
    return rows[0]?.bytes ?? 0;
  }

  async publish(): Promise<void> {
    await this.#client.query('create publication bench for table dancu.cong_dan with (publish_via_partition_root = true)');
  }

  async openSlot(): Promise<void> {
    await this.#client.query(`select pg_create_logical_replication_slot('bench', 'pgoutput')`);
  }

  /** Has everything that the slot holds decoded by this session, which is the work of a walsender, and closes it. @returns bytes that would be sent */
  async drain(): Promise<number> {
    // What is not on the disk yet is not decoded; a commit that waits for the disk brings all of it there.
    await this.#client.query(`begin; set local synchronous_commit = on; select pg_logical_emit_message(true, 'bench', 'flush'); commit`);
    const { rows } = await this.#client.query<{ bytes: string }>(
      `select coalesce(sum(length(data)), 0)::text as bytes from pg_logical_slot_get_binary_changes('bench', null, null, 'proto_version', '1', 'publication_names', 'bench')`,
    );
    await this.#client.query(`select pg_drop_replication_slot('bench')`);
    return Number(rows[0]?.bytes ?? 0);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

const changeProcedure = `
  create procedure public.change(what text, rows int, per int) language plpgsql as $$
  declare
    first int := 1;
    codes text[];
  begin
    while first <= rows loop
      select array_agg('001099' || lpad(i::text, 6, '0')) into codes from generate_series(first, least(rows, first + per - 1)) i;
      if what = 'update' then
        update dancu.cong_dan set tt_hon_nhan = 3 - tt_hon_nhan, cap_nhat_luc = clock_timestamp() where so_dinh_danh = any (codes) and ma_tinh = '01';
      else
        delete from dancu.cong_dan where so_dinh_danh = any (codes) and ma_tinh = '01';
      end if;
      commit;
      first := first + per;
    end loop;
  end $$`;
