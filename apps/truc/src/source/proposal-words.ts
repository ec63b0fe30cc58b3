import type { Language } from '@truc/kernel';
import { sureFrom, type ColumnOutcome, type ColumnProposal, type Reason } from '@truc/mapping-proposal';

/** What stands before what a person has to look at. */
export const lookMark: Readonly<Record<Language, string>> = { en: 'LOOK', vi: 'CẦN XEM' };

const withheldText = {
  deprecated: { en: 'which is deprecated and may not be published anew', vi: 'đã hết dùng nên không được công bố mới' },
  'state-secret': { en: 'which is a state secret and may never be published', vi: 'là bí mật nhà nước nên không bao giờ được công bố' },
  'not-approved': { en: 'which is not approved yet', vi: 'chưa được phê duyệt' },
} as const;

export function percent(confidence: number): string {
  return `${Math.round(confidence * 100)} %`;
}

/** `person.full-name` of its URN. */
export function shortName(element: string): string {
  return element.slice(element.lastIndexOf(':') + 1);
}

export function reasonText(reason: Reason, language: Language): string {
  const isVietnamese = language === 'vi';
  switch (reason.kind) {
    case 'name':
      return isVietnamese ? `tên "${reason.words}" gần với "${reason.label}"` : `the name "${reason.words}" is near "${reason.label}"`;
    case 'values':
      return isVietnamese ? `${reason.fit}/${reason.of} giá trị mẫu phù hợp` : `${reason.fit} of ${reason.of} sampled values fit`;
    case 'no-values':
      return isVietnamese ? 'không có giá trị mẫu' : 'no values to look at';
    case 'type':
      return isVietnamese ? `kiểu ${reason.type}` : `type ${reason.type}`;
    case 'group':
      return isVietnamese ? `bảng nói về ${reason.group}` : `the table is about ${reason.group}`;
    case 'foreign-key':
      return isVietnamese ? `khóa ngoại tới ${reason.table}.${reason.column}` : `foreign key to ${reason.table}.${reason.column}`;
    case 'path':
      return isVietnamese ? `phần ${reason.path}` : `part ${reason.path}`;
  }
}

/** Why, in one line: what goes into the remark of a mapping entry. */
export function proposalRemark({ confidence, reasons }: ColumnProposal, language: Language): string {
  return `${percent(confidence)}: ${reasons.map((reason) => reasonText(reason, language)).join('; ')}`;
}

/** What is said of a column that nothing is proposed for. */
export function nothingRemark({ perhaps }: ColumnOutcome, language: Language): string {
  if (perhaps === null) return language === 'vi' ? 'không nhận ra' : 'not recognised';
  const element = shortName(perhaps.element);
  const reasons = proposalRemark(perhaps, language);
  return language === 'vi' ? `có thể là ${element} (${reasons})` : `perhaps ${element} (${reasons})`;
}

export function withheldRemark(proposal: ColumnProposal, language: Language): string {
  const element = shortName(proposal.element);
  const why = proposal.withheld === null ? '' : withheldText[proposal.withheld][language];
  const reasons = proposalRemark(proposal, language);
  return language === 'vi' ? `đây là ${element}, ${why} (${reasons})` : `this is ${element}, ${why} (${reasons})`;
}

/** What a person should look at before it is applied. */
export function asksForALook({ proposals, perhaps }: ColumnOutcome): boolean {
  return perhaps !== null || proposals.some(({ confidence, withheld }) => confidence < sureFrom || withheld !== null);
}
