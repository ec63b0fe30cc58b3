import type { Division } from './division.js';
import type { Resident } from './resident.js';

/** A row that the source takes and the dictionary must refuse; each breaks one rule alone. */
export interface Violation {
  readonly personalId: string;
  /** The rule (or, before the rules, the mapping) that refuses it. */
  readonly rule: 'V1' | 'V2' | 'V3' | 'V4' | 'V6';
  readonly column: string;
  readonly reason: string;
}

interface Defect extends Omit<Violation, 'personalId'> {
  /** Makes a sound row unsound. */
  break(resident: Resident, division: Division): Resident;
  /** Column and value that mend it, null where only a new row could: the code itself is wrong. */
  readonly mend: ((resident: Resident) => { readonly column: string; readonly value: string }) | null;
}

const longName = 'Nguyễn '.repeat(16).trim();

/** The kinds of defect, in the order in which a world has them. */
export const defects: readonly Defect[] = [
  {
    rule: 'V1',
    column: 'so_dinh_danh',
    reason: '11 digits: a leading zero was lost',
    break: (resident) => ({ ...resident, personalId: resident.personalId.slice(1) }),
    mend: null,
  },
  {
    rule: 'V6',
    column: 'ngay_sinh',
    reason: 'born in the future',
    break: (resident) => ({ ...resident, birthDate: '2099-01-01' }),
    mend: (resident) => ({ column: 'ngay_sinh', value: resident.birthDate }),
  },
  {
    rule: 'V2',
    column: 'ho_ten',
    reason: '111 characters; the domain allows 100',
    break: (resident) => ({ ...resident, fullName: longName }),
    mend: (resident) => ({ column: 'ho_ten', value: resident.fullName }),
  },
  {
    rule: 'V3',
    column: 'ma_xa_thuong_tru',
    reason: 'no commune ever had this code',
    break: (resident) => ({ ...resident, commune: '99999' }),
    mend: (resident) => ({ column: 'ma_xa_thuong_tru', value: resident.commune ?? '' }),
  },
  {
    rule: 'V3',
    column: 'ma_xa_thuong_tru',
    reason: 'a commune of the new list at a date before it came into force',
    break: (resident, division) => ({ ...resident, commune: freshCode(division) }),
    mend: (resident) => ({ column: 'ma_xa_thuong_tru', value: resident.commune ?? '' }),
  },
  {
    rule: 'V1',
    column: 'so_dinh_danh',
    reason: '03 was never a province',
    break: (resident) => ({ ...resident, personalId: `003${resident.personalId.slice(3)}` }),
    mend: null,
  },
  {
    rule: 'V3',
    column: 'tt_hon_nhan',
    reason: '9 is not in the list of marital statuses',
    break: (resident) => ({ ...resident, maritalStatus: 9 }),
    mend: () => ({ column: 'tt_hon_nhan', value: '1' }),
  },
  {
    rule: 'V3',
    column: 'trang_thai',
    reason: '7 is not in the list of life statuses',
    break: (resident) => ({ ...resident, lifeStatus: 7 }),
    mend: () => ({ column: 'trang_thai', value: '1' }),
  },
  {
    rule: 'V2',
    column: 'ngay_sinh',
    reason: 'infinity is no day of birth',
    break: (resident) => ({ ...resident, birthDate: 'infinity' }),
    mend: (resident) => ({ column: 'ngay_sinh', value: resident.birthDate }),
  },
  {
    rule: 'V2',
    column: 'sdt',
    reason: 'letters in a telephone number',
    break: (resident) => ({ ...resident, phone: '090 xxx 0001' }),
    mend: () => ({ column: 'sdt', value: '0900000001' }),
  },
  {
    rule: 'V2',
    column: 'ho_ten',
    reason: 'a tab inside a name',
    break: (resident) => ({ ...resident, fullName: resident.fullName.replace(' ', '\t') }),
    mend: (resident) => ({ column: 'ho_ten', value: resident.fullName }),
  },
  {
    rule: 'V4',
    column: 'ma_xa_thuong_tru',
    reason: 'no commune at all, which the dataset requires',
    break: (resident) => ({ ...resident, commune: null }),
    mend: (resident) => ({ column: 'ma_xa_thuong_tru', value: resident.commune ?? '' }),
  },
];

/** A code of the new list that no commune had before; one that nobody ever had where every code was used before. */
function freshCode({ communesBefore, communesAfter }: Division): string {
  const old = new Set(communesBefore.map(({ code }) => code));
  return communesAfter.find(({ code }) => !old.has(code))?.code ?? '99998';
}
