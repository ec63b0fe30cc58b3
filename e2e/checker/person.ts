import { createHash } from 'node:crypto';
import { privateCanary, privateCanaryEmail, privateCanaryPhone, unmappedCanary } from './canary.js';
import type { Random } from '@truc/demo';
import type { PlainRecord } from './record-hash.js';
import { tokenOf } from './token.js';

/** Where somebody may live at the working time of the source. */
export interface Home {
  readonly province: string;
  readonly commune: string;
}

/** A row of `dancu.cong_dan` as the checker writes it: its columns, as JSON that PostgreSQL reads. */
export interface PersonRow {
  readonly so_dinh_danh: string;
  readonly ma_tinh: string;
  readonly ho_ten: string;
  readonly ten_goi_khac: readonly string[] | null;
  readonly ngay_sinh: string;
  readonly gioi_tinh: 'NAM' | 'NU';
  readonly tt_hon_nhan: number | null;
  readonly que_quan_tinh: string | null;
  readonly ma_xa_thuong_tru: string;
  readonly dia_chi: {
    readonly so_nha: string;
    readonly to: string;
    readonly toa_do: readonly [number, number];
    readonly ghi_chu: string;
  } | null;
  readonly sdt: string | null;
  readonly email: string | null;
  readonly trang_thai: number;
  readonly nhom_mau: string;
  readonly nguoiCapNhat: string;
  readonly cap_nhat_luc: string;
}

export const personColumns = [
  'so_dinh_danh',
  'ma_tinh',
  'ho_ten',
  'ten_goi_khac',
  'ngay_sinh',
  'gioi_tinh',
  'tt_hon_nhan',
  'que_quan_tinh',
  'ma_xa_thuong_tru',
  'dia_chi',
  'sdt',
  'email',
  'trang_thai',
  'nhom_mau',
  'nguoiCapNhat',
  'cap_nhat_luc',
] as const satisfies readonly (keyof PersonRow)[];

/** No commune ever had it: a row with it must be kept out. */
export const badCommune = '99999';
const provinceOfBirth = '001';
const numbersOfYear = 1_000_000;
const birthYears = 20;

/** The personal id with this number, of people born so long ago that the demo's own are never met. @param number below 20,000,000 */
export function personCode(number: number): string {
  const year = String(Math.floor(number / numbersOfYear) % birthYears).padStart(2, '0');
  return `${provinceOfBirth}0${year}${String(number % numbersOfYear).padStart(6, '0')}`;
}

/** Whether a code is one of ours. */
export function isCheckerCode(code: string): boolean {
  return /^0010[01][0-9]{7}$/.test(code);
}

/** The row key of `dancu.cong_dan`, as the datasets' keys have it. */
export function personKey({ so_dinh_danh: code, ma_tinh: province }: Pick<PersonRow, 'so_dinh_danh' | 'ma_tinh'>): string {
  return JSON.stringify([code, province]);
}

/** A clean version of a person, other than any other version, with every forbidden column filled with canaries. @param at in force for its commune: `2025-06-01 08:00:00+07` */
export function personVersion(opId: number, code: string, home: Home, at: string, random: Random): PersonRow {
  const hasAddress = random.chance(0.8);
  return {
    so_dinh_danh: code,
    ma_tinh: home.province,
    ho_ten: nameWith(opId),
    ten_goi_khac: random.chance(0.5) ? [`${privateCanary} ${opId}`, 'Ba'] : null,
    ngay_sinh: `19${code.slice(4, 6)}-0${random.between(1, 9)}-${random.between(10, 28)}`,
    gioi_tinh: 'NAM',
    tt_hon_nhan: random.chance(0.5) ? random.between(1, 4) : null,
    que_quan_tinh: random.chance(0.5) ? home.province : null,
    ma_xa_thuong_tru: home.commune,
    dia_chi: hasAddress
      ? {
          so_nha: `${privateCanary} ${random.between(1, 999)}`,
          to: `${privateCanary} ${random.between(1, 99)}`,
          toa_do: [degrees(random, 8, 23), degrees(random, 103, 109)],
          ghi_chu: random.chance(0.2) ? incompressible(random) : '',
        }
      : null,
    sdt: random.chance(0.7) ? privateCanaryPhone : null,
    email: random.chance(0.7) ? privateCanaryEmail : null,
    trang_thai: random.between(1, 3),
    nhom_mau: unmappedCanary,
    nguoiCapNhat: `${unmappedCanary} ${opId}`,
    cap_nhat_luc: at,
  };
}

export function nameWith(opId: number): string {
  return `Trần Thị ${tokenOf(opId)}`;
}

/** What the dictionary's record of a clean row must be: stated here once more, from the mapping's document, without its code. */
export function expectedRecord(row: PersonRow): PlainRecord {
  return {
    person_personal_id: row.so_dinh_danh,
    address_province: row.ma_tinh,
    person_full_name: row.ho_ten,
    person_other_name: row.ten_goi_khac?.[0] ?? null,
    person_date_of_birth: row.ngay_sinh,
    person_date_of_birth_precision: 'day',
    person_sex: row.gioi_tinh === 'NAM' ? '1' : '2',
    person_nationality: 'VNM',
    person_marital_status: row.tt_hon_nhan === null ? null : String(row.tt_hon_nhan),
    person_home_province: row.que_quan_tinh,
    address_commune: row.ma_xa_thuong_tru,
    address_detail: row.dia_chi?.so_nha ?? null,
    address_hamlet: row.dia_chi?.to ?? null,
    address_latitude: row.dia_chi?.toa_do[0].toFixed(6) ?? null,
    address_longitude: row.dia_chi?.toa_do[1].toFixed(6) ?? null,
    person_phone_number: row.sdt,
    person_email: row.email,
    person_life_status: String(row.trang_thai),
  };
}

/** What the contract of social insurance lets through. */
export const contractFields = ['person_personal_id', 'person_full_name', 'person_date_of_birth', 'address_commune', 'person_life_status'];

function degrees(random: Random, minimum: number, maximum: number): number {
  return random.between(minimum * 1_000_000, maximum * 1_000_000) / 1_000_000;
}

/** Whether the row's address is kept out of line, so that the source does not send it along with another column's change. */
export function isKeptApart({ dia_chi: address }: PersonRow): boolean {
  return address !== null && address.ghi_chu !== '';
}

/** Hexadecimal noise that pages do not compress away; every row takes another piece of it. */
const noise = Array.from({ length: 600 }, (_, index) => createHash('sha256').update(String(index)).digest('hex')).join('');
const noiseLength = 4_000;

/** Long enough to be kept out of line, so that an update of another column does not bring it along. */
function incompressible(random: Random): string {
  const from = random.between(0, noise.length - noiseLength);
  return noise.slice(from, from + noiseLength);
}
