import { reasonText, ruleText, type ValueReason, type ValueRule } from '@truc/dictionary';
import type { Language } from '@truc/kernel';

const own: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'row-too-large': { en: 'the row is too large for an event', vi: 'bản ghi quá lớn cho một sự kiện' },
  'retry-under-way': {
    en: 'the row kept all rules when it was read again; the retry was cut short, repeat it',
    vi: 'bản ghi hợp lệ khi được đọc lại; lần thử lại bị gián đoạn, hãy thử lại lần nữa',
  },
};

/** A sentence for a reason; the reason itself where an agent of a later release tells one that is not known here. */
export function reasonSentence(reason: string, language: Language): string {
  const known = own[reason]?.[language];
  if (known !== undefined) return known;
  try {
    return reasonText(reason as ValueReason, language);
  } catch {
    return reason;
  }
}

/** What the rule says; nothing for one that is not known here. */
export function ruleSentence(rule: string, language: Language): string {
  return /^V[1-9]$/.test(rule) ? ruleText(rule as ValueRule, language) : '';
}

/** `person.full-name` of `urn:vn:ddict:element:person.full-name`. */
export function elementName(element: string | null): string {
  return element === null ? '' : element.replace(/^urn:vn:ddict:element:/, '');
}

const ageUnits = [
  { seconds: 86_400, short: 'd', en: 'd', vi: 'ngày' },
  { seconds: 3_600, short: 'h', en: 'h', vi: 'giờ' },
  { seconds: 60, short: 'm', en: 'min', vi: 'phút' },
  { seconds: 1, short: 's', en: 's', vi: 'giây' },
] as const;

/** An age in the largest unit that it fills: `3d`, `5h`, `12m`, `40s`; in words of a language where one is named. Nothing where it is not known. */
export function ageText(sinceMs: number | null, nowMs: number, language?: Language): string {
  if (sinceMs === null) return '';
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  const unit = ageUnits.find((one) => seconds >= one.seconds) ?? ageUnits[3];
  const count = Math.floor(seconds / unit.seconds);
  return language === undefined ? `${count}${unit.short}` : `${count} ${unit[language]}`;
}
