import { codeReasonText, type CodeReason } from '@truc/identity-codes';
import type { Bilingual, Language } from '@truc/kernel';
import type { SchemaRule } from './schema-violation.js';
import type { ValueReason, ValueRule } from './value-violation.js';

const rules: Readonly<Record<SchemaRule | ValueRule, Bilingual>> = {
  D1: { en: 'every field names an approved element of the dictionary', vi: 'mỗi trường phải gắn với một phần tử đã phê duyệt của từ điển' },
  D2: { en: 'the type is that of the value domain', vi: 'kiểu dữ liệu phải đúng với miền giá trị' },
  D3: { en: 'the name is the canonical name of the element', vi: 'tên trường phải là tên chuẩn của phần tử' },
  D4: {
    en: 'required fields are plain, later fields are optional',
    vi: 'trường bắt buộc không cho phép null, trường thêm sau phải cho phép null',
  },
  D5: { en: 'the key is the master-data key', vi: 'khóa phải là khóa dữ liệu chủ' },
  D6: { en: 'the caller owns the topic', vi: 'người gọi phải sở hữu luồng' },
  D7: { en: 'one datum has one source', vi: 'mỗi dữ liệu chỉ có một nguồn' },
  D8: { en: 'secrets stay out, sensitive data is protected', vi: 'bí mật nhà nước không được chia sẻ, dữ liệu nhạy cảm phải được bảo vệ' },
  D9: { en: 'new subjects use no deprecated element', vi: 'chủ đề mới không dùng phần tử lỗi thời' },
  D10: { en: 'enums are for closed lists of names', vi: 'enum chỉ dùng cho danh mục đóng có mã là tên' },
  D11: { en: 'versions stay fully compatible', vi: 'các phiên bản phải tương thích đầy đủ' },
  D12: { en: 'a schema keeps within its limits', vi: 'lược đồ phải trong giới hạn cho phép' },
  V1: { en: 'the identification code is there and valid', vi: 'phải có mã định danh hợp lệ' },
  V2: { en: 'a value fits its value domain', vi: 'giá trị phải phù hợp với miền giá trị' },
  V3: { en: 'a code is in its list on the day it applies to', vi: 'mã phải có trong danh mục vào ngày áp dụng' },
  V4: { en: 'a required value is there', vi: 'giá trị bắt buộc phải có' },
  V5: { en: 'text is valid UTF-8 without NUL', vi: 'văn bản phải là UTF-8 hợp lệ và không chứa NUL' },
  V6: { en: 'dates do not contradict each other or lie in the future', vi: 'ngày tháng không mâu thuẫn và không ở tương lai' },
  V7: { en: 'the row lies within its publisher’s scope', vi: 'bản ghi phải thuộc phạm vi thẩm quyền của cơ quan công bố' },
  V8: { en: 'the code is known to and open in its register', vi: 'mã phải có và còn hiệu lực trong sổ đăng ký' },
  V9: { en: 'one live row per code where the dataset declares so', vi: 'mỗi mã chỉ có một bản ghi hiện hành nếu bộ dữ liệu quy định' },
};

export function ruleText(rule: SchemaRule | ValueRule, language: Language = 'en'): string {
  return rules[rule][language];
}

type OwnReason = Exclude<ValueReason, CodeReason> | 'too-long' | 'not-in-force';

const reasons: Readonly<Record<OwnReason, Bilingual>> = {
  missing: { en: 'the value is missing', vi: 'thiếu giá trị' },
  type: { en: 'the value has another type', vi: 'giá trị sai kiểu' },
  'too-short': { en: 'the text is too short', vi: 'văn bản quá ngắn' },
  'too-long': { en: 'the text is too long', vi: 'văn bản quá dài' },
  pattern: { en: 'the text does not have the required form', vi: 'văn bản không đúng định dạng' },
  'below-minimum': { en: 'the value is below the minimum', vi: 'giá trị nhỏ hơn mức tối thiểu' },
  'above-maximum': { en: 'the value is above the maximum', vi: 'giá trị lớn hơn mức tối đa' },
  precision: { en: 'the number has too many digits', vi: 'số có quá nhiều chữ số' },
  'not-nfc': { en: 'the text is not in composed Unicode (NFC)', vi: 'văn bản không theo Unicode dựng sẵn (NFC)' },
  'not-trimmed': { en: 'the text begins or ends with a space', vi: 'văn bản có khoảng trắng ở đầu hoặc cuối' },
  'double-space': { en: 'the text has two spaces in a row', vi: 'văn bản có hai khoảng trắng liền nhau' },
  'control-character': { en: 'the text holds a control character', vi: 'văn bản chứa ký tự điều khiển' },
  'not-in-code-list': { en: 'the code is not in its code list', vi: 'mã không có trong danh mục' },
  'not-in-force': { en: 'the code was not in force on the day it applies to', vi: 'mã không có hiệu lực vào ngày áp dụng' },
  nul: { en: 'the text holds a NUL character', vi: 'văn bản chứa ký tự NUL' },
  'lone-surrogate': { en: 'the text is not valid Unicode', vi: 'văn bản không phải Unicode hợp lệ' },
  'in-future': { en: 'the date lies in the future', vi: 'ngày ở tương lai' },
  'dates-contradict': {
    en: 'the date lies before one that it cannot lie before, such as a death before the birth',
    vi: 'ngày đứng trước một ngày mà nó không thể đứng trước, ví dụ ngày chết trước ngày sinh',
  },
  'outside-scope': {
    en: 'the row belongs to the scope of another publisher',
    vi: 'bản ghi thuộc phạm vi thẩm quyền của cơ quan khác',
  },
  'scope-unknown': {
    en: 'the row does not say whose scope it belongs to',
    vi: 'bản ghi không cho biết thuộc phạm vi thẩm quyền nào',
  },
  'not-in-register': { en: 'the register does not know the code', vi: 'sổ đăng ký không có mã này' },
  'superseded-in-register': {
    en: 'another code has taken its place in the register',
    vi: 'mã đã được thay bằng mã khác trong sổ đăng ký',
  },
  'closed-in-register': { en: 'the code is closed in the register', vi: 'mã đã đóng trong sổ đăng ký' },
  'second-row-of-code': {
    en: 'another live row has the same code',
    vi: 'đã có bản ghi hiện hành khác mang cùng mã',
  },
};

/** A sentence for a reason code of a value violation or mark. */
export function reasonText(reason: ValueReason, language: Language = 'en'): string {
  return isOwn(reason) ? reasons[reason][language] : codeReasonText(reason, language);
}

function isOwn(reason: ValueReason): reason is OwnReason {
  return Object.hasOwn(reasons, reason);
}
