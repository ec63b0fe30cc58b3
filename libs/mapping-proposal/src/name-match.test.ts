import { generatedFormat } from './generated-format.js';
import { matchPhrase } from './phrase-match.js';
import { readings } from './short-form.js';
import { parsedDates } from './text-date.js';
import { WordWeights, wordsOf } from './word.js';

const labels = ['Số định danh của cha', 'Số định danh của mẹ', 'Ngày, tháng, năm sinh', 'Số điện thoại', 'Mã định danh bất động sản'].map(
  wordsOf,
);
const weights = new WordWeights(labels);
const match = (name: string, label: string): [number, number] => {
  const { recall, precision } = matchPhrase(wordsOf(name), wordsOf(label), weights);
  return [recall, precision].map((share) => Math.round(share * 100) / 100) as [number, number];
};

it.each([
  ['so_dinh_danh', 'so dinh danh'],
  ['nguoiCapNhat', 'nguoi cap nhat'],
  ['Tên Cột', 'ten cot'],
  ['Ngày-Đăng.Ký', 'ngay dang ky'],
  ['ngaySinh2', 'ngay sinh2'],
])('takes the name %s apart', (name, words) => {
  expect(wordsOf(name).join(' ')).toBe(words);
});

it('takes letters for the initials of words that follow each other', () => {
  expect(match('so_dd_cha', 'Số định danh của cha')[1]).toBe(1);
  expect(match('so_dd_cha', 'Số định danh của cha')[0]).toBeGreaterThan(0.9);
  expect(match('sdt', 'Số điện thoại')).toEqual([1, 1]);
  expect(match('ma_dinh_danh_bds', 'Mã định danh bất động sản')).toEqual([1, 1]);
});

it('believes no two letters alone, and no words in another order', () => {
  expect(match('loai_bd', 'Mã định danh bất động sản')).toEqual([0, 0]);
  expect(match('danh_dinh', 'Số định danh của cha')[1]).toBeLessThan(0.7);
});

it('reads short forms as what they stand for, beside what they are', () => {
  expect(readings(wordsOf('ho_ten')).map((words) => words.join(' '))).toEqual(['ho ten', 'ho chu dem va ten']);
  expect(readings(['trang', 'thai'])).toContainEqual(['tinh', 'trang']);
  expect(readings(Array.from({ length: 20 }, () => 'phone')).length).toBeLessThanOrEqual(9);
});

it.each([
  [`((lpad((ma_so_dn)::text, 10, '0'::text) || '-'::text) || lpad((stt)::text, 3, '0'::text))`, '{ma_so_dn:010}-{stt:03}'],
  [`((ma)::text || '/'::text)`, '{ma}/'],
  [`(ma || stt)`, '{ma}{stt}'],
  [`upper(ma)`, null],
  [`(ma || '{'::text)`, null],
  [`(ma * 2)`, null],
])('computes %s again', (expression, pattern) => {
  expect(generatedFormat(expression, ['ma', 'ma_so_dn', 'stt'])).toBe(pattern);
});

it('finds how days are written, and takes over no words but those that mean none', () => {
  expect(parsedDates(['15/08/2024', '2065-12-31', 'Lâu dài'])).toEqual({ formats: ['yyyy-MM-dd', 'dd/MM/yyyy'], words: ['Lâu dài'] });
  expect(parsedDates(['15/08/2024', 'Nguyễn Văn Mẫu'])).toEqual({ formats: ['dd/MM/yyyy'], words: [] });
  expect(parsedDates(['31/31/2024', 'x'])).toEqual({ formats: [], words: [] });
  expect(parsedDates([])).toEqual({ formats: [], words: [] });
});
