import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { dayOf } from './calendar-day.js';
import { copyRows, type CopyValue } from './copy-text.js';
import { seededRandom } from './random.js';
import {
  communeColumns,
  communeRow,
  householdColumns,
  householdRow,
  memberColumns,
  memberRows,
  provinceColumns,
  provinceRow,
  residentColumns,
  residentRow,
} from './source-rows.js';
import { inTransaction } from './source-transaction.js';
import type { World } from './world.js';

export interface SourceUrls {
  readonly populationUrl: string;
  readonly administrativeUrl: string;
}

export interface LoadedSources {
  readonly residents: number;
  readonly households: number;
  readonly provinces: number;
  readonly communes: number;
}

/** The day that the registration software stamps the first rows of the demo's life with; the merger is a month away. */
export const firstWorkingTime = '2025-06-01 08:00:00+07';

/**
 * Creates both sources' schemas in empty databases and loads the world into them, each in one transaction.
 * The addresses are those of the databases' owners.
 */
export async function loadSources(world: World, { populationUrl, administrativeUrl }: SourceUrls): Promise<LoadedSources> {
  const people = await inTransaction(populationUrl, (client) => loadPopulation(world, client));
  const units = await inTransaction(administrativeUrl, (client) => loadAdministrative(world, client));
  return { ...people, ...units };
}

async function loadPopulation(world: World, client: pg.Client) {
  await client.query(schemaOf('population'));
  let residents = 0;
  let households = 0;
  function* residentRows(): Generator<CopyValue[]> {
    for (const { members } of world.households()) {
      households++;
      residents += members.length;
      for (const { resident } of members) yield residentRow(resident);
    }
    for (const { broken } of world.broken) yield residentRow(broken);
    residents += world.broken.length;
  }
  // The world is read once for each table: making it again costs less than holding it.
  function* householdRows(): Generator<CopyValue[]> {
    for (const household of world.households()) yield householdRow(household);
  }
  function* allMemberRows(): Generator<CopyValue[]> {
    for (const household of world.households()) yield* memberRows(household);
  }
  await copyRows(client, `dancu.cong_dan (${residentColumns.join(', ')})`, residentRows());
  await copyRows(client, `dancu.ho_gia_dinh (${householdColumns.join(', ')})`, householdRows());
  await copyRows(client, `dancu.thanh_vien_ho (${memberColumns.join(', ')})`, allMemberRows());
  await copyRows(client, 'dancu.tham_so (ten, gia_tri)', [
    ['thoi_diem_lam_viec', firstWorkingTime],
    ['so_su_kien', '0'],
  ]);
  await client.query('ANALYZE dancu.cong_dan, dancu.ho_gia_dinh, dancu.thanh_vien_ho');
  return { residents, households };
}

async function loadAdministrative({ division, seed }: World, client: pg.Client) {
  await client.query(schemaOf('administrative'));
  const asOf = '2025-01-02';
  const random = seededRandom(seed, 'units');
  const provinces = division.provincesBefore.map((province) => provinceRow(province, '2004-01-01', asOf));
  const communes = division.communesBefore.map((commune) =>
    communeRow(commune, dayOf(random.between(2004, 2020), random.between(1, 12), 1), asOf),
  );
  await copyRows(client, `dvhc.tinh (${provinceColumns.join(', ')})`, provinces);
  await copyRows(client, `dvhc.xa (${communeColumns.join(', ')})`, communes);
  await client.query('ANALYZE dvhc.tinh, dvhc.xa');
  return { provinces: provinces.length, communes: communes.length };
}

function schemaOf(source: 'population' | 'administrative'): string {
  return readFileSync(new URL(`../sources/${source}.sql`, import.meta.url), 'utf8');
}
