import type { Sex } from './person-names.js';

/** Where somebody lives, beside the commune; kept as jsonb by the source. */
export interface Address {
  readonly so_nha: string;
  readonly to: string;
  readonly toa_do?: readonly [latitude: number, longitude: number];
}

/** One row of `dancu.cong_dan`, in the source's own terms. Dates are `YYYY-MM-DD`. */
export interface Resident {
  readonly personalId: string;
  readonly province: string;
  readonly fullName: string;
  readonly otherNames: readonly string[] | null;
  readonly birthDate: string;
  readonly birthDatePrecision: 'D' | 'M' | 'Y';
  readonly sex: Sex;
  readonly ethnicGroup: number;
  readonly nationality: string;
  readonly maritalStatus: number | null;
  readonly bloodType: string | null;
  readonly homeProvince: string;
  readonly commune: string | null;
  readonly address: Address | null;
  readonly fatherId: string | null;
  readonly motherId: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly lifeStatus: number;
  /** Local time with offset, as it goes into `cap_nhat_luc`. */
  readonly updatedAt: string;
}

/** One row of `dancu.ho_gia_dinh` with its members. */
export interface Household {
  readonly householdId: number;
  readonly headId: string;
  readonly commune: string;
  readonly registeredAt: string;
  readonly updatedAt: string;
  readonly members: readonly { readonly resident: Resident; readonly relation: string }[];
}
