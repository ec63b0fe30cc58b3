import { plainLetters } from './word.js';

/** Ways in which days are written as text, most exact first. */
const forms: readonly { readonly format: string; readonly pattern: RegExp; readonly parts: readonly ['y' | 'd', 'm', 'd' | 'y'] }[] = [
  { format: 'yyyy-MM-dd', pattern: /^(\d{4})-(\d{2})-(\d{2})$/, parts: ['y', 'm', 'd'] },
  { format: 'dd/MM/yyyy', pattern: /^(\d{2})\/(\d{2})\/(\d{4})$/, parts: ['d', 'm', 'y'] },
  { format: 'dd-MM-yyyy', pattern: /^(\d{2})-(\d{2})-(\d{4})$/, parts: ['d', 'm', 'y'] },
  { format: 'dd.MM.yyyy', pattern: /^(\d{2})\.(\d{2})\.(\d{4})$/, parts: ['d', 'm', 'y'] },
  { format: 'yyyyMMdd', pattern: /^(\d{4})(\d{2})(\d{2})$/, parts: ['y', 'm', 'd'] },
];

/** What people write where there is no day. Only these are taken over into a mapping: any other text could be of a person. */
const noDay: ReadonlySet<string> = new Set([
  'lau dai',
  'vo thoi han',
  'khong thoi han',
  'khong',
  'khong co',
  'khong ro',
  'chua ro',
  'chua co',
  'khong xac dinh',
  'permanent',
  'unknown',
  'none',
  'n/a',
  '-',
]);

/**
 * The formats in which texts are days, where at least half of them are; else none.
 * @returns also the words that stand for no day
 */
export function parsedDates(values: readonly string[]): { readonly formats: readonly string[]; readonly words: readonly string[] } {
  const formats = new Set<string>();
  const words = new Set<string>();
  let days = 0;
  for (const value of values) {
    const text = value.trim();
    const form = forms.find((one) => isDay(text, one));
    if (form !== undefined) {
      formats.add(form.format);
      days += 1;
    } else if (noDay.has(plainLetters(text))) words.add(value);
  }
  const isDays = days * 2 >= values.length && days > 0;
  return isDays
    ? { formats: forms.map(({ format }) => format).filter((format) => formats.has(format)), words: [...words] }
    : { formats: [], words: [] };
}

/** A day in one of the forms, or a word for none. */
export function isDateText(value: string): boolean {
  const text = value.trim();
  return noDay.has(plainLetters(text)) || forms.some((form) => isDay(text, form));
}

function isDay(text: string, { pattern, parts }: (typeof forms)[number]): boolean {
  const found = pattern.exec(text);
  if (found === null) return false;
  const part = (name: 'y' | 'm' | 'd'): number => Number(found[parts.indexOf(name) + 1]);
  return part('m') >= 1 && part('m') <= 12 && part('d') >= 1 && part('d') <= 31 && part('y') >= 1800 && part('y') <= 2200;
}
