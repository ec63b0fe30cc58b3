import { wordsOf } from './word.js';

/**
 * Words of databases and what labels say instead: short forms that are no initials, words of the same meaning, and English ones. Of the language of administration, not of
 * any one database: initials (`sdt`, `bds`) need no entry.
 */
const forms: readonly (readonly [written: string, meant: string])[] = [
  ['ho ten', 'ho chu dem va ten'],
  ['ho va ten', 'ho chu dem va ten'],
  ['ho ten khai sinh', 'ho chu dem va ten khai sinh'],
  ['ten day du', 'full name'],
  ['fullname', 'full name'],
  ['trang thai', 'tinh trang'],
  ['gioi', 'gioi tinh'],
  ['gender', 'sex'],
  ['birthday', 'date of birth'],
  ['birth date', 'date of birth'],
  ['nam sinh', 'ngay thang nam sinh'],
  ['ngay sinh', 'ngay thang nam sinh'],
  ['dien thoai', 'so dien thoai'],
  ['mobile', 'telephone number'],
  ['phone', 'telephone number'],
  ['mail', 'e mail address'],
  ['email', 'thu dien tu'],
  ['bo', 'cha'],
  ['cccd', 'so dinh danh ca nhan'],
  ['can cuoc', 'the can cuoc'],
  ['cmt', 'so chung minh nhan dan'],
  ['mst', 'ma so doanh nghiep'],
  ['ma so thue', 'ma so doanh nghiep'],
  ['tax code', 'enterprise code'],
  ['cong ty', 'doanh nghiep'],
  ['company', 'enterprise'],
  ['nghe', 'nganh nghe'],
  ['toa do', 'vi do kinh do'],
  ['lat', 'latitude'],
  ['lng', 'longitude'],
  ['lon', 'longitude'],
  ['phuong', 'xa'],
  ['ward', 'commune'],
  ['quan', 'huyen'],
  ['thanh pho', 'tinh'],
  ['bien so', 'bien so xe'],
  ['cu', 'legacy'],
  ['ap', 'thon'],
  ['nationality', 'quoc tich'],
  ['father', 'cha'],
  ['mother', 'me'],
];

/** Short forms that are more than a part of a longer name. */
const wholeForms: ReadonlyMap<string, string> = new Map([
  ['to', 'to dan pho'],
  ['gt', 'gioi tinh'],
  ['dt', 'so dien thoai'],
]);

/** A name's words, and the same with each short form written out. */
export function readings(words: readonly string[]): (readonly string[])[] {
  const found: (readonly string[])[] = [words];
  const whole = wholeForms.get(words.join(' '));
  if (whole !== undefined) found.push(whole.split(' '));
  for (const [written, meant] of forms) {
    const short = written.split(' ');
    for (const reading of [...found]) {
      if (found.length >= readingsMax) return found;
      const at = places(reading, short);
      if (at !== -1) found.push([...reading.slice(0, at), ...wordsOf(meant), ...reading.slice(at + short.length)]);
    }
  }
  return found;
}

const readingsMax = 8;

function places(words: readonly string[], sought: readonly string[]): number {
  return words.findIndex((_, at) => sought.every((word, index) => words[at + index] === word));
}

/** Words that say that something held before, and does no longer. */
export const formerWords: ReadonlySet<string> = new Set(['cu', 'truoc', 'old', 'former', 'legacy', 'previous', 'prev']);

/** Words of columns that tell of the keeping of a row: who changed it and when. */
export const upkeepWords: ReadonlySet<string> = new Set(
  'cap nhat sua tao created updated modified inserted version audit trace ghi nhap'.split(' '),
);
