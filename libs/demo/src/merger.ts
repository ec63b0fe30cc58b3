import type pg from 'pg';
import { copyRows } from './copy-text.js';
import type { SourceUrls } from './load-sources.js';
import { communeColumns, communeRow, provinceColumns, provinceRow } from './source-rows.js';
import { inTransaction } from './source-transaction.js';
import type { World } from './world.js';

export interface MergedPopulation {
  /** Rows of `dancu.cong_dan` that were changed; all in one transaction. */
  readonly residents: number;
  /** Those among them whose province changed too: each is a delete and an insert for whoever follows the table. */
  readonly residentsRekeyed: number;
  readonly households: number;
}

export interface MergedUnits {
  readonly provincesClosed: number;
  readonly provincesChanged: number;
  readonly communesClosed: number;
  readonly communesChanged: number;
  readonly communesOpened: number;
}

export interface Merged {
  readonly population: MergedPopulation;
  readonly administrative: MergedUnits;
}

/** Midnight in Viet Nam of the first day of the new division. */
function mergerTime({ division }: World): string {
  return `${division.mergedOn} 00:00:00+07`;
}

/** The merger of communes: the register of units first, then the population, each as one transaction. A second run changes nothing. */
export async function runMerger(world: World, { populationUrl, administrativeUrl }: SourceUrls): Promise<Merged> {
  const administrative = await inTransaction(administrativeUrl, (client) => mergeUnits(world, client));
  const population = await inTransaction(populationUrl, (client) => mergePopulation(world, client));
  return { administrative, population };
}

/**
 * Where an old commune went to one new commune, everybody in it moves there. Where it was split, the hamlet decides: it is the only part of an address that a
 * split leaves whole, so families and neighbours stay together.
 */
async function mergePopulation(world: World, client: pg.Client): Promise<MergedPopulation> {
  const { communesAfter, provincesBefore, successors } = world.division;
  const provinceOf = new Map(communesAfter.map(({ code, province }) => [code, province]));
  // No registration may fall between: it would stamp an old commune with a new day.
  await client.query(`SELECT gia_tri FROM dancu.tham_so ORDER BY ten FOR UPDATE`);
  await client.query(
    `CREATE TEMP TABLE xa_moi (ma_cu text, thu_tu int, so_dich int, ma_moi text, tinh_moi text, PRIMARY KEY (ma_cu, thu_tu)) ON COMMIT DROP`,
  );
  await client.query(`CREATE TEMP TABLE tinh_moi (ma_cu text PRIMARY KEY, ma_moi text) ON COMMIT DROP`);
  await copyRows(
    client,
    'xa_moi',
    [...successors].flatMap(([old, targets]) => targets.map((target, i) => [old, i, targets.length, target, provinceOf.get(target) ?? ''])),
  );
  await copyRows(
    client,
    'tinh_moi',
    provincesBefore.map(({ code, successor }) => [code, successor]),
  );
  await client.query('ANALYZE xa_moi, tinh_moi');
  const before = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM dancu.cong_dan c JOIN xa_moi x ON x.ma_cu = c.ma_xa_thuong_tru AND x.thu_tu = 0 WHERE c.cap_nhat_luc < $1 AND c.ma_tinh <> x.tinh_moi`,
    [mergerTime(world)],
  );
  const residents = await client.query(
    `UPDATE dancu.cong_dan c
        SET ma_xa_thuong_tru = x.ma_moi, ma_tinh = x.tinh_moi, cap_nhat_luc = $1,
            que_quan_tinh = coalesce((SELECT t.ma_moi FROM tinh_moi t WHERE t.ma_cu = c.que_quan_tinh), c.que_quan_tinh)
       FROM xa_moi x
      WHERE x.ma_cu = c.ma_xa_thuong_tru AND c.cap_nhat_luc < $1
        AND x.thu_tu = ('x' || substr(md5(coalesce(c.dia_chi ->> 'to', '')), 1, 7))::bit(28)::int % x.so_dich`,
    [mergerTime(world)],
  );
  // A household goes where its head went.
  const households = await client.query(
    `UPDATE dancu.ho_gia_dinh h SET ma_xa = coalesce(
              (SELECT c.ma_xa_thuong_tru FROM dancu.cong_dan c WHERE c.so_dinh_danh = h.so_dd_chu_ho AND c.cap_nhat_luc >= $1 LIMIT 1), x.ma_moi),
            cap_nhat_luc = $1
       FROM xa_moi x WHERE x.ma_cu = trim(h.ma_xa) AND x.thu_tu = 0 AND h.cap_nhat_luc < $1`,
    [mergerTime(world)],
  );
  await client.query(
    `UPDATE dancu.tham_so SET gia_tri = $1::text WHERE ten = 'thoi_diem_lam_viec' AND gia_tri::timestamptz < $1::text::timestamptz`,
    [mergerTime(world)],
  );
  return { residents: residents.rowCount ?? 0, residentsRekeyed: before.rows[0]?.n ?? 0, households: households.rowCount ?? 0 };
}

/** Units that ended are closed the day before; codes that live on get the new unit's name; new codes are added. */
async function mergeUnits({ division }: World, client: pg.Client): Promise<MergedUnits> {
  const { mergedOn, lastDayBefore, provincesAfter, communesAfter } = division;
  await client.query(`CREATE TEMP TABLE tinh_moi (LIKE dvhc.tinh) ON COMMIT DROP`);
  await client.query(`CREATE TEMP TABLE xa_moi (LIKE dvhc.xa) ON COMMIT DROP`);
  await copyRows(
    client,
    `tinh_moi (${provinceColumns.join(', ')})`,
    provincesAfter.map((province) => provinceRow(province, mergedOn, mergedOn)),
  );
  await copyRows(
    client,
    `xa_moi (${communeColumns.join(', ')})`,
    communesAfter.map((commune) => communeRow(commune, mergedOn, mergedOn)),
  );
  const close = (table: string) =>
    client.query(
      `UPDATE dvhc.${table} u SET den_ngay = to_char($1::date, 'DD/MM/YYYY'), ngay_du_lieu = $1
        WHERE den_ngay IS NULL AND ngay_du_lieu <= $1 AND NOT EXISTS (SELECT FROM ${table}_moi m WHERE m.ma = u.ma)`,
      [lastDayBefore],
    );
  const change = (table: string, columns: readonly string[]) =>
    client.query(
      `UPDATE dvhc.${table} u SET ${columns.map((column) => `${column} = m.${column}`).join(', ')}
         FROM ${table}_moi m WHERE m.ma = u.ma AND u.ngay_du_lieu < m.ngay_du_lieu`,
    );
  const provincesClosed = await close('tinh');
  const provincesChanged = await change('tinh', provinceColumns);
  const communesClosed = await close('xa');
  const communesChanged = await change('xa', communeColumns);
  const communesOpened = await client.query(
    `INSERT INTO dvhc.xa (${communeColumns.join(', ')}) SELECT ${communeColumns.join(', ')} FROM xa_moi m WHERE NOT EXISTS (SELECT FROM dvhc.xa u WHERE u.ma = m.ma) ORDER BY ma`,
  );
  return {
    provincesClosed: provincesClosed.rowCount ?? 0,
    provincesChanged: provincesChanged.rowCount ?? 0,
    communesClosed: communesClosed.rowCount ?? 0,
    communesChanged: communesChanged.rowCount ?? 0,
    communesOpened: communesOpened.rowCount ?? 0,
  };
}
