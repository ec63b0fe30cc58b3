import { fullName, presentProvinces, formerProvinces, type FormerProvince, type Province } from './provinces.js';
import { plainLetters } from './plain-letters.js';

export type CommuneType = 'ward' | 'commune' | 'township' | 'special-zone';

export interface Commune {
  /** Five digits. Means nothing without a date: after a merger most codes stand for another place. */
  readonly code: string;
  /** Without the type: `Ba Đình`. */
  readonly name: string;
  readonly type: CommuneType;
  /** Province code of the same time. */
  readonly province: string;
}

/** The country's division before and after one merger of communes. */
export interface Division {
  /** First day of the new division, `YYYY-MM-DD`; the day before is the last of the old one. */
  readonly mergedOn: string;
  readonly lastDayBefore: string;
  readonly provincesBefore: readonly FormerProvince[];
  readonly provincesAfter: readonly Province[];
  readonly communesBefore: readonly Commune[];
  readonly communesAfter: readonly Commune[];
  /** Codes of the communes that an old one went to: one, or several where it was split. */
  readonly successors: ReadonlyMap<string, readonly string[]>;
}

export const mergedOn = '2025-07-01';
export const lastDayBefore = '2025-06-30';

const typeNames: Readonly<Record<CommuneType, readonly [vi: string, en: string]>> = {
  ward: ['Phường', 'Ward'],
  commune: ['Xã', 'Commune'],
  township: ['Thị trấn', 'Township'],
  'special-zone': ['Đặc khu', 'Special Zone'],
};

export function communeFullName({ name, type }: Commune): string {
  return `${typeNames[type][0]} ${name}`;
}

export function communeEnglishName({ name, type }: Commune): string {
  return `${plainLetters(name)} ${typeNames[type][1]}`;
}

export function provinceEnglishName(province: Province): string {
  return `${plainLetters(province.name)} ${province.type === 'municipality' ? 'City' : 'Province'}`;
}

export const provinceFullName = fullName;
export const provincesOfMerger = { provincesBefore: formerProvinces, provincesAfter: presentProvinces } as const;
