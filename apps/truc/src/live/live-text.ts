import type { Language } from '@truc/kernel';

/** What the demo is doing. */
export type Phase = 'snapshot' | 'life' | 'merger' | 'draining' | 'stopping' | 'reconciling';

export const phaseText: Readonly<Record<Phase, Readonly<Record<Language, string>>>> = {
  snapshot: { en: 'initial snapshot', vi: 'chụp dữ liệu ban đầu' },
  life: { en: 'life goes on', vi: 'biến động hằng ngày' },
  merger: { en: 'communes merge, in one large transaction', vi: 'sáp nhập xã trong một giao dịch lớn' },
  draining: { en: 'waiting until everything has arrived', vi: 'chờ mọi thay đổi đến nơi' },
  stopping: { en: 'stopping', vi: 'đang dừng' },
  reconciling: { en: 'comparing by hash', vi: 'đối soát bằng hàm băm' },
};

export const columnText = {
  dataset: { en: 'Dataset', vi: 'Bộ dữ liệu' },
  captured: { en: 'captured', vi: 'đã đọc' },
  quarantined: { en: 'quarantined', vi: 'cách ly' },
  onLog: { en: 'on the log', vi: 'trên trục' },
  inGeneralDatabase: { en: 'general database', vi: 'CSDL tổng hợp' },
  atSubscriber: { en: 'subscriber', vi: 'bên nhận' },
  lag: { en: 'lag', vi: 'độ trễ' },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

export function snapshotText(language: Language, rows: string, expected: string): string {
  return language === 'vi' ? `${rows} trên ${expected} dòng` : `${rows} of ${expected} rows`;
}

export function leftText(language: Language, seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const time = whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
  return language === 'vi' ? `còn khoảng ${time}` : `about ${time} left`;
}

export function eventsText(language: Language, count: string): string {
  return language === 'vi' ? `${count} sự kiện` : `${count} events`;
}

/** The language of a person's environment: Vietnamese where LC_ALL, LC_MESSAGES or LANG says so. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^vi(_|\b)/i.test(locale) ? 'vi' : 'en';
}

/** Thousands are parted the way readers of the language do. */
export function countText(language: Language, value: number): string {
  return Math.round(value).toLocaleString(language === 'vi' ? 'vi-VN' : 'en-US');
}
