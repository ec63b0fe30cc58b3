/** The world's people as rows of the sources, untidy as the sources are. */
import { dayFirst } from './calendar-day.js';
import { arrayText, type CopyValue } from './copy-text.js';
import { communeFullName, type Commune, type CommuneType } from './division.js';
import { fullName, type Province } from './provinces.js';
import { seededRandom, type Random } from './random.js';
import type { Household, Resident } from './resident.js';

export const residentColumns = [
  'so_dinh_danh',
  'ma_tinh',
  'ho_ten',
  'ten_goi_khac',
  'ngay_sinh',
  'do_chinh_xac_ns',
  'gioi_tinh',
  'ma_dan_toc',
  'quoc_tich',
  'tt_hon_nhan',
  'nhom_mau',
  'que_quan_tinh',
  'ma_xa_thuong_tru',
  'dia_chi',
  'so_dd_cha',
  'so_dd_me',
  'sdt',
  'email',
  'trang_thai',
  '"nguoiCapNhat"',
  'cap_nhat_luc',
] as const;

export function residentRow(resident: Resident): CopyValue[] {
  return [
    resident.personalId,
    resident.province,
    resident.fullName,
    resident.otherNames && arrayText(resident.otherNames),
    resident.birthDate,
    resident.birthDatePrecision,
    resident.sex === 'male' ? 'NAM' : 'NU',
    resident.ethnicGroup,
    resident.nationality,
    resident.maritalStatus,
    resident.bloodType,
    resident.homeProvince,
    resident.commune,
    resident.address && JSON.stringify(resident.address),
    resident.fatherId,
    resident.motherId,
    resident.phone,
    resident.email,
    resident.lifeStatus,
    'nhap_lieu',
    resident.updatedAt,
  ];
}

export const householdColumns = ['ma_ho', 'so_dd_chu_ho', 'ma_xa', 'ngay_lap', 'so_thanh_vien', 'cap_nhat_luc'] as const;

export function householdRow({ householdId, headId, commune, registeredAt, updatedAt, members }: Household): CopyValue[] {
  const isUntidy = householdId % 23 === 0;
  const alive = members.filter(({ resident }) => resident.lifeStatus !== 2).length;
  return [householdId, headId, isUntidy ? `${commune}  ` : commune, registeredAt, alive, updatedAt];
}

export const memberColumns = ['ma_ho', 'so_dinh_danh', 'quan_he', 'tu_ngay'] as const;

export function* memberRows({ householdId, members, registeredAt }: Household): Generator<CopyValue[]> {
  const registered = registeredAt.slice(0, 10);
  for (const { resident, relation } of members) {
    yield [householdId, resident.personalId, relation, resident.birthDate > registered ? resident.birthDate : registered];
  }
}

export const provinceColumns = ['ma', 'ten', 'loai', 'tu_ngay', 'den_ngay', 'ngay_du_lieu'] as const;
export const communeColumns = ['ma', 'ma_tinh', 'ten', 'loai', 'tu_ngay', 'den_ngay', 'ngay_du_lieu'] as const;

const communeTypes: Readonly<Record<CommuneType, string>> = { ward: 'P', commune: 'X', township: 'TT', 'special-zone': 'DK' };

/** @param since first day, `YYYY-MM-DD` */
export function provinceRow(province: Province, since: string, asOf: string): CopyValue[] {
  return [
    Number(province.code),
    untidy(fullName(province), seededRandom('province', province.code, asOf)),
    province.type === 'municipality' ? 'TP' : 'T',
    dayFirst(since),
    null,
    asOf,
  ];
}

export function communeRow(commune: Commune, since: string, asOf: string): CopyValue[] {
  const random = seededRandom('commune', commune.code, asOf);
  return [
    Number(commune.code),
    Number(commune.province),
    untidy(communeFullName(commune), random),
    communeTypes[commune.type],
    dayFirst(since),
    null,
    asOf,
  ];
}

/** Typed by hand: here and there in decomposed letters, or with a space before or behind. */
function untidy(name: string, random: Random): string {
  const draw = random.next();
  if (draw < 0.04) return name.normalize('NFD');
  if (draw < 0.07) return `${name} `;
  return draw < 0.08 ? ` ${name}` : name;
}
