import type { Bilingual, Language } from '@truc/kernel';
import type { CodeReason } from './code-check.js';

const texts: Readonly<Record<CodeReason, Bilingual>> = {
  'not-12-digits': {
    en: 'the number does not have 12 digits; a numeric column loses leading zeros',
    vi: 'số không đủ 12 chữ số; cột kiểu số làm mất số 0 ở đầu',
  },
  'unknown-province': {
    en: 'the province part was never a province code',
    vi: 'phần mã tỉnh chưa từng là mã của tỉnh, thành phố nào',
  },
  'unverifiable-prefix': {
    en: 'the first three digits cannot be verified; the birth may be registered abroad',
    vi: 'không kiểm chứng được ba chữ số đầu; có thể khai sinh ở nước ngoài',
  },
  'sex-mismatch': { en: 'the fourth digit states another sex', vi: 'chữ số thứ tư cho biết giới tính khác' },
  'birth-year-mismatch': { en: 'digits four to six state another year of birth', vi: 'chữ số thứ tư đến thứ sáu cho biết năm sinh khác' },
  'not-10-digits': {
    en: 'the code does not have 10 digits; a numeric column loses leading zeros',
    vi: 'mã không đủ 10 chữ số; cột kiểu số làm mất số 0 ở đầu',
  },
  'check-digit': { en: 'the check digit is wrong', vi: 'chữ số kiểm tra sai' },
  'no-check-digit-exists': { en: 'no code exists with these nine digits', vi: 'không tồn tại mã với chín chữ số đầu này' },
  format: { en: 'the code does not have the form of its scheme', vi: 'mã không đúng cấu trúc quy định' },
  'suffix-000': { en: 'the suffix starts at 001', vi: 'phần đuôi bắt đầu từ 001' },
  'too-long': { en: 'the code is longer than its scheme allows', vi: 'mã dài hơn quy định' },
  'not-in-force': {
    en: 'the unit is not in force on the date of the fact',
    vi: 'đơn vị hành chính không có hiệu lực vào ngày của sự kiện',
  },
  unknown: { en: 'the code was never assigned', vi: 'mã chưa từng được cấp' },
  'province-mismatch': { en: 'the commune lies in another province', vi: 'đơn vị cấp xã thuộc tỉnh, thành phố khác' },
  'no-list': { en: 'there is no list or no date to check the code by', vi: 'không có danh mục hoặc ngày để kiểm tra mã' },
  'differs-from-social-insurance-number': {
    en: 'the card number differs from the social insurance number of the holder',
    vi: 'mã thẻ khác mã số bảo hiểm xã hội của người có thẻ',
  },
};

export function codeReasonText(reason: CodeReason, language: Language = 'en'): string {
  return texts[reason][language];
}
