/** What may happen in a day's registrations. Each happens in one transaction of the population database. */
import type pg from 'pg';
import type { Commune } from './division.js';
import { addressOf, emailOf, phoneOf } from './household-making.js';
import { correctedName, familyName, givenName, type Sex } from './person-names.js';
import { drawPersonalId } from './personal-id.js';
import type { Random } from './random.js';
import type { World } from './world.js';

export type LifeEventKind =
  'move' | 'move-province' | 'birth' | 'death' | 'name-correction' | 'contact-change' | 'new-household' | 'mending';

/** Everything an event may look at. What it does depends on this and on the database alone. */
export interface LifeScene {
  readonly world: World;
  readonly client: pg.ClientBase;
  readonly random: Random;
  /** The working time that its rows are stamped with: `2025-06-01 08:00:37+07`. */
  readonly at: string;
  /** Communes and provinces in force at that time. */
  readonly communes: readonly Commune[];
  readonly provinces: readonly { readonly code: string }[];
}

/** Does one event and says how many rows of `cong_dan` and `ho_gia_dinh` it changed; 0 if there was nobody it could happen to. */
export async function happen(kind: LifeEventKind, scene: LifeScene): Promise<number> {
  switch (kind) {
    case 'move':
      return move(scene, false);
    case 'move-province':
      return move(scene, true);
    case 'birth':
      return birth(scene);
    case 'death':
      return death(scene);
    case 'name-correction':
      return correctName(scene);
    case 'contact-change':
      return changeContact(scene);
    case 'new-household':
      return foundHousehold(scene);
    case 'mending':
      return mend(scene);
  }
}

interface FoundResident {
  readonly so_dinh_danh: string;
  readonly ma_tinh: string;
  readonly ho_ten: string;
  readonly gioi_tinh: string;
  readonly ma_xa_thuong_tru: string;
  readonly ma_ho: string | null;
}

/** Somebody alive in a household: the first at or after a number drawn at random. Rows that must be refused live in none, so nothing happens to them here. */
async function somebody({ client, random, world }: LifeScene, condition = 'true'): Promise<FoundResident | null> {
  const { code } = random.pick(world.division.provincesBefore);
  const from = `0${code}${random.between(0, 3)}${String(random.between(0, 99)).padStart(2, '0')}`;
  const find = (comparison: '>=' | '<') =>
    client.query<FoundResident>(
      `SELECT c.so_dinh_danh, c.ma_tinh, c.ho_ten, c.gioi_tinh::text, c.ma_xa_thuong_tru, t.ma_ho::text
         FROM dancu.cong_dan c JOIN dancu.thanh_vien_ho t ON t.so_dinh_danh = c.so_dinh_danh AND t.den_ngay IS NULL
        WHERE c.so_dinh_danh ${comparison} $1 AND c.trang_thai = 1 AND ${condition}
        ORDER BY c.so_dinh_danh LIMIT 1`,
      [from],
    );
  const found = await find('>=');
  return found.rows[0] ?? (await find('<')).rows[0] ?? null;
}

function isFemale({ gioi_tinh: sex }: FoundResident): boolean {
  return sex === 'NU';
}

/** A whole household moves to one address; to another province, its members' rows change their key. */
async function move(scene: LifeScene, toOtherProvince: boolean): Promise<number> {
  const { client, random, at, communes } = scene;
  const person = await somebody(scene);
  if (person === null) return 0;
  const choice = communes.filter(
    ({ code, province }) => (province === person.ma_tinh) !== toOtherProvince && code !== person.ma_xa_thuong_tru,
  );
  if (choice.length === 0) return 0;
  const target = random.pick(choice);
  const address = JSON.stringify(addressOf(random, target));
  const members = await client.query(
    `UPDATE dancu.cong_dan c SET ma_xa_thuong_tru = $2, ma_tinh = $3, dia_chi = $4, cap_nhat_luc = $5
      WHERE c.so_dinh_danh IN (SELECT t.so_dinh_danh FROM dancu.thanh_vien_ho t WHERE t.ma_ho = $1 AND t.den_ngay IS NULL) AND c.trang_thai <> 2`,
    [person.ma_ho, target.code, target.province, address, at],
  );
  const household = await client.query('UPDATE dancu.ho_gia_dinh SET ma_xa = $2, cap_nhat_luc = $3 WHERE ma_ho = $1', [
    person.ma_ho,
    target.code,
    at,
  ]);
  return (members.rowCount ?? 0) + (household.rowCount ?? 0);
}

async function birth(scene: LifeScene): Promise<number> {
  const { client, random, at, provinces } = scene;
  const day = at.slice(0, 10);
  const mother = await somebody(scene, `c.gioi_tinh = 'NU' AND c.ngay_sinh BETWEEN date '${day}' - 16000 AND date '${day}' - 7300`);
  if (mother === null) return 0;
  const sex: Sex = random.chance(0.515) ? 'male' : 'female';
  // Numbers go on beginning with one of the provinces that are left; a birth is registered where the mother lives.
  const province = provinces.some(({ code }) => code === mother.ma_tinh) ? mother.ma_tinh : random.pick(provinces).code;
  const fatherOf = `SELECT h.so_dd_chu_ho FROM dancu.ho_gia_dinh h JOIN dancu.cong_dan f ON f.so_dinh_danh = h.so_dd_chu_ho WHERE h.ma_ho = $1 AND f.gioi_tinh = 'NAM' AND f.ngay_sinh < $2::date - 6570 LIMIT 1`;
  const father = (await client.query<{ so_dd_chu_ho: string }>(fatherOf, [mother.ma_ho, day])).rows[0]?.so_dd_chu_ho ?? null;
  const family = mother.ho_ten.normalize('NFC').trim().split(' ')[0] ?? familyName(random);
  const personalId = await freeNumber(scene, province, sex, Number(day.slice(0, 4)));
  const added = await client.query(
    `INSERT INTO dancu.cong_dan (so_dinh_danh, ma_tinh, ho_ten, ngay_sinh, gioi_tinh, ma_dan_toc, tt_hon_nhan, que_quan_tinh, ma_xa_thuong_tru, dia_chi, so_dd_cha, so_dd_me, "nguoiCapNhat", cap_nhat_luc)
     SELECT $1, ma_tinh, $2, $3::date, $4::dancu.gioi_tinh_enum, ma_dan_toc, 1, que_quan_tinh, ma_xa_thuong_tru, dia_chi, $5, so_dinh_danh, 'ho_tich', $6
       FROM dancu.cong_dan WHERE so_dinh_danh = $7 AND ma_tinh = $8`,
    [
      personalId,
      `${family} ${givenName(random, sex)}`,
      day,
      sex === 'male' ? 'NAM' : 'NU',
      father,
      at,
      mother.so_dinh_danh,
      mother.ma_tinh,
    ],
  );
  await client.query(`INSERT INTO dancu.thanh_vien_ho (ma_ho, so_dinh_danh, quan_he, tu_ngay) VALUES ($1, $2, '04', $3)`, [
    mother.ma_ho,
    personalId,
    day,
  ]);
  return (added.rowCount ?? 0) + (await countMembers(scene, mother.ma_ho));
}

async function freeNumber({ client, random }: LifeScene, province: string, sex: Sex, year: number): Promise<string> {
  for (;;) {
    const drawn = drawPersonalId(random, province, sex, year);
    if ((await client.query('SELECT FROM dancu.cong_dan WHERE so_dinh_danh = $1', [drawn])).rowCount === 0) return drawn;
  }
}

/** The dead stay in the register; a household whose head died is headed by its eldest member. */
async function death(scene: LifeScene): Promise<number> {
  const { client, at } = scene;
  const person = await somebody(scene, `c.ngay_sinh < '1965-01-01'`);
  if (person === null) return 0;
  const day = at.slice(0, 10);
  await client.query('UPDATE dancu.cong_dan SET trang_thai = 2, cap_nhat_luc = $3 WHERE so_dinh_danh = $1 AND ma_tinh = $2', [
    person.so_dinh_danh,
    person.ma_tinh,
    at,
  ]);
  await client.query('UPDATE dancu.thanh_vien_ho SET den_ngay = $2 WHERE so_dinh_danh = $1 AND den_ngay IS NULL', [
    person.so_dinh_danh,
    day,
  ]);
  const eldest = `SELECT c.so_dinh_danh FROM dancu.thanh_vien_ho t JOIN dancu.cong_dan c ON c.so_dinh_danh = t.so_dinh_danh WHERE t.ma_ho = $1 AND t.den_ngay IS NULL AND c.trang_thai = 1 ORDER BY c.ngay_sinh, c.so_dinh_danh LIMIT 1`;
  await client.query(
    `UPDATE dancu.ho_gia_dinh SET so_dd_chu_ho = coalesce((${eldest}), so_dd_chu_ho) WHERE ma_ho = $1 AND so_dd_chu_ho = $2`,
    [person.ma_ho, person.so_dinh_danh],
  );
  return 1 + (await countMembers(scene, person.ma_ho));
}

async function countMembers({ client, at }: LifeScene, household: string | null): Promise<number> {
  const counted = await client.query(
    `UPDATE dancu.ho_gia_dinh SET cap_nhat_luc = $2, so_thanh_vien = (
        SELECT count(*) FROM dancu.thanh_vien_ho t JOIN dancu.cong_dan c ON c.so_dinh_danh = t.so_dinh_danh WHERE t.ma_ho = $1 AND t.den_ngay IS NULL AND c.trang_thai <> 2)
      WHERE ma_ho = $1`,
    [household, at],
  );
  return counted.rowCount ?? 0;
}

async function correctName(scene: LifeScene): Promise<number> {
  const person = await somebody(scene);
  if (person === null) return 0;
  const name = correctedName(scene.random, person.ho_ten.normalize('NFC').trim(), isFemale(person) ? 'female' : 'male');
  return change(scene, person, 'ho_ten', name);
}

async function changeContact(scene: LifeScene): Promise<number> {
  const person = await somebody(scene, `c.ngay_sinh < '2005-01-01'`);
  if (person === null) return 0;
  const isPhone = scene.random.chance(0.8);
  return change(scene, person, isPhone ? 'sdt' : 'email', isPhone ? phoneOf(scene.random) : emailOf(scene.random, person.ho_ten));
}

async function change(
  { client, at }: LifeScene,
  person: FoundResident,
  column: 'ho_ten' | 'sdt' | 'email',
  value: string,
): Promise<number> {
  const changed = await client.query(
    `UPDATE dancu.cong_dan SET ${column} = $3, cap_nhat_luc = $4 WHERE so_dinh_danh = $1 AND ma_tinh = $2`,
    [person.so_dinh_danh, person.ma_tinh, value, at],
  );
  return changed.rowCount ?? 0;
}

/** A grown-up child leaves the parents' household and heads one of its own, at the same address. */
async function foundHousehold(scene: LifeScene): Promise<number> {
  const { client, at } = scene;
  const isHead = 'EXISTS (SELECT FROM dancu.ho_gia_dinh h WHERE h.ma_ho = t.ma_ho AND h.so_dd_chu_ho = c.so_dinh_danh)';
  const grownUp = `t.quan_he = '04' AND c.ngay_sinh < '2003-01-01' AND NOT ${isHead}`;
  const person = await somebody(scene, grownUp);
  if (person === null) return 0;
  const day = at.slice(0, 10);
  await client.query('UPDATE dancu.thanh_vien_ho SET den_ngay = $2 WHERE so_dinh_danh = $1 AND den_ngay IS NULL', [
    person.so_dinh_danh,
    day,
  ]);
  const added = await client.query<{ ma_ho: string }>(
    `INSERT INTO dancu.ho_gia_dinh (ma_ho, so_dd_chu_ho, ma_xa, ngay_lap, so_thanh_vien, cap_nhat_luc)
     SELECT max(ma_ho) + 1, $1, $2, $3::text::timestamp, 1, $4 FROM dancu.ho_gia_dinh RETURNING ma_ho::text`,
    [person.so_dinh_danh, person.ma_xa_thuong_tru, at.slice(0, 19), at],
  );
  await client.query(`INSERT INTO dancu.thanh_vien_ho (ma_ho, so_dinh_danh, quan_he, tu_ngay) VALUES ($1, $2, '01', $3)`, [
    added.rows[0]?.ma_ho,
    person.so_dinh_danh,
    day,
  ]);
  return (added.rowCount ?? 0) + (await countMembers(scene, person.ma_ho));
}

/** A clerk mends a row that was refused: it becomes what it ought to be at that time. */
async function mend({ client, random, world, at, communes }: LifeScene): Promise<number> {
  const mendable = world.broken.filter((one) => one.mend !== null);
  if (mendable.length === 0) return 0;
  const { broken, mend: how } = random.pick(mendable);
  if (how === null) return 0;
  const row = await client.query<{ cu: string | null; ma_tinh: string }>(
    `SELECT ${how.column}::text AS cu, ma_tinh FROM dancu.cong_dan WHERE so_dinh_danh = $1`,
    [broken.personalId],
  );
  const found = row.rows[0];
  const wrong = String(brokenValue(how.column, broken));
  if (found === undefined || String(found.cu) !== wrong) return 0;
  const isCommune = how.column === 'ma_xa_thuong_tru';
  const home = communes.find(({ code, province }) => code === how.value && province === found.ma_tinh) ?? communes[0];
  if (home === undefined) return 0;
  const sets = isCommune ? 'ma_xa_thuong_tru = $2, ma_tinh = $4, que_quan_tinh = $4' : `${how.column} = $2`;
  const values = isCommune ? [broken.personalId, home.code, at, home.province] : [broken.personalId, how.value, at];
  const mended = await client.query(`UPDATE dancu.cong_dan SET ${sets}, cap_nhat_luc = $3 WHERE so_dinh_danh = $1`, values);
  return mended.rowCount ?? 0;
}

function brokenValue(column: string, broken: World['broken'][number]['broken']): string | number | null {
  switch (column) {
    case 'ngay_sinh':
      return broken.birthDate;
    case 'ho_ten':
      return broken.fullName;
    case 'ma_xa_thuong_tru':
      return broken.commune;
    case 'tt_hon_nhan':
      return broken.maritalStatus;
    case 'trang_thai':
      return broken.lifeStatus;
    default:
      return broken.phone;
  }
}
