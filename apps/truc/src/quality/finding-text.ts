import { reasonText, ruleText, type ValueReason, type ValueRule } from '@truc/dictionary';
import type { Language } from '../live/live-text.js';

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

/** An age in the largest unit that it fills: `3d`, `5h`, `12m`, `40s`. */
export function ageText(sinceMs: number | null, nowMs: number): string {
  if (sinceMs === null) return '';
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)}d`;
  if (seconds >= 3_600) return `${Math.floor(seconds / 3_600)}h`;
  return seconds >= 60 ? `${Math.floor(seconds / 60)}m` : `${seconds}s`;
}
