import type { DictionaryProblem } from './dictionary-error.js';
import type { Bilingual, Language } from '@truc/kernel';

const advice: Bilingual = {
  en: 'a list is held in memory by everybody who judges rows. Leave a larger register out of its value domain (codeList: null): its codes are then judged by their form and check digit, and rule V8 marks nothing',
  vi: 'mọi nơi kiểm tra bản ghi đều giữ danh mục trong bộ nhớ. Với sổ đăng ký lớn hơn, hãy để miền giá trị không có danh mục (codeList: null): mã khi đó được kiểm tra theo dạng và chữ số kiểm tra, quy tắc V8 không đánh dấu gì',
};

/** Everything that can be wrong with an entry of the dictionary, and with its way from one release to the next. */
export const dictionarySentences = {
  // The life of an entry.
  'new-status': {
    en: 'it is new and {after}: a new entry is proposed or approved',
    vi: 'mục mới mà ở trạng thái {after}: mục mới phải là proposed hoặc approved',
  },
  'status-fixed': {
    en: 'it is {before} and cannot become {after}: it stays as it is',
    vi: 'mục đang {before} và không thể chuyển thành {after}: trạng thái này giữ nguyên',
  },
  'status-order': {
    en: 'it is {before} and cannot become {after}: only {allowed}',
    vi: 'mục đang {before} và không thể chuyển thành {after}: chỉ được {allowed}',
  },
  retired: { en: 'it is retired: {fields} cannot change any more', vi: 'mục đã retired: không được đổi {fields} nữa' },
  'version-needed': {
    en: '{fields} changed: it needs a version above {version}',
    vi: '{fields} đã đổi: mục cần phiên bản cao hơn {version}',
  },
  'version-back': {
    en: 'its version goes back from {before} to {after}',
    vi: 'phiên bản lùi từ {before} về {after}',
  },
  'rests-on': {
    en: 'it is {own} and rests on {id}, which is {status}: nothing in use rests on what may not be used',
    vi: 'mục đang {own} nhưng dựa trên {id} đang {status}: mục đang dùng không được dựa trên mục không được dùng',
  },
  'concept-missing': { en: 'its concept {id} is not in the release', vi: 'khái niệm {id} của mục không có trong bản phát hành' },
  'steward-missing': {
    en: 'it is specialised master data: it needs a steward, the ministry whose it is',
    vi: 'mục là dữ liệu chủ chuyên ngành: cần có cơ quan chủ quản (steward) là bộ quản lý dữ liệu đó',
  },
  // A release as a whole.
  'release-number': { en: 'a release has a number from 1', vi: 'số bản phát hành bắt đầu từ 1' },
  'id-twice': { en: 'the id is used more than once', vi: 'mã định danh (id) được dùng nhiều lần' },
  'field-name-taken': {
    en: 'its field name {field} is that of {other} as well',
    vi: 'tên trường {field} của mục trùng với {other}',
  },
  'domain-missing': { en: 'its value domain {id} is not in the release', vi: 'miền giá trị {id} của mục không có trong bản phát hành' },
  'successor-missing': {
    en: 'it is superseded by {id}, which is not in the release',
    vi: 'mục được thay thế bởi {id}, nhưng {id} không có trong bản phát hành',
  },
  'not-before-type': { en: 'notBefore is for dates and instants', vi: 'notBefore chỉ dùng cho ngày và thời điểm' },
  'not-before-no-date': {
    en: 'it is not before {id}, which is no date of the release',
    vi: 'notBefore nêu {id}, nhưng đó không phải phần tử ngày của bản phát hành',
  },
  'not-before-circle': {
    en: 'it is not before {id}, which is not before it either',
    vi: 'notBefore nêu {id}, mà {id} cũng không được trước mục này',
  },
  'logical-type': {
    en: 'logical type {logicalType} stands on {host}, not {found}',
    vi: 'kiểu logic {logicalType} dựa trên {host}, không phải {found}',
  },
  'bytes-decimal': { en: 'bytes are allowed for decimals only', vi: 'bytes chỉ dùng cho số thập phân' },
  'decimal-form': {
    en: 'a decimal has a precision and a scale, and nothing else has them',
    vi: 'số thập phân phải có precision và scale, các kiểu khác thì không',
  },
  'scale-large': { en: 'the scale is larger than the precision', vi: 'scale lớn hơn precision' },
  'text-only': {
    en: 'lengths, a pattern and a code list are for text only',
    vi: 'độ dài, mẫu và danh mục mã chỉ dùng cho văn bản',
  },
  'length-order': { en: 'minLength is above maxLength', vi: 'minLength lớn hơn maxLength' },
  'list-missing': { en: 'its code list {id} is not in the release', vi: 'danh mục mã {id} của miền không có trong bản phát hành' },
  'rule-unknown': { en: 'the check rule {rule} is unknown', vi: 'không có quy tắc kiểm tra {rule}' },
  'rule-of-dates': { en: '{rule} is for dates and instants', vi: '{rule} chỉ dùng cho ngày và thời điểm' },
  'rule-of-text': { en: '{rule} is for text', vi: '{rule} chỉ dùng cho văn bản' },
  'range-type': { en: 'a range is for numbers only', vi: 'khoảng giá trị chỉ dùng cho số' },
  'bound-decimals': {
    en: 'the bound {bound} has more decimals than the domain',
    vi: 'giới hạn {bound} có nhiều chữ số thập phân hơn miền',
  },
  'pattern-length': {
    en: 'a pattern needs a maxLength of at most {most} beside it',
    vi: 'đi cùng mẫu phải có maxLength không quá {most}',
  },
  pattern: { en: '{reason}', vi: 'không dùng được mẫu: {reason}' },
  'ends-before': { en: 'code {code} ends before it begins', vi: 'mã {code} kết thúc trước khi bắt đầu' },
  overlap: { en: 'code {code} has two periods that overlap', vi: 'mã {code} có hai thời hạn chồng nhau' },
  // Its bounds.
  'code-unfit': {
    en: 'code {code} or one that it names is longer than {most} characters, or holds a control character',
    vi: 'mã {code} hoặc mã mà nó nêu dài quá {most} ký tự hoặc chứa ký tự điều khiển',
  },
  'pattern-large': {
    en: 'its pattern is too large with its repetitions written out: shorten it',
    vi: 'mẫu quá lớn khi viết đầy đủ các phần lặp: hãy rút ngắn',
  },
  'list-large': {
    en: `it has {count} entries, and a code list at most {most}; ${advice.en}`,
    vi: `danh mục có {count} mục, tối đa là {most}; ${advice.vi}`,
  },
  'lists-large': {
    en: `all code lists of the release have {count} entries, and at most {most} are allowed; ${advice.en}`,
    vi: `các danh mục mã của bản phát hành có tổng cộng {count} mục, tối đa là {most}; ${advice.vi}`,
  },
  'definition-large': {
    en: 'it takes {count} bytes, and at most {most} are allowed: shorten its texts',
    vi: 'mục chiếm {count} byte, tối đa là {most}: hãy rút ngắn nội dung',
  },
  // A file.
  'file-large': { en: 'the file is larger than {limit} bytes', vi: 'tệp lớn hơn {limit} byte' },
  'no-kind': { en: 'the file holds none of {kinds}', vi: 'tệp không có phần nào trong số {kinds}' },
  'yaml-too-deep': { en: 'nested too deep{detail}', vi: 'lồng nhau quá nhiều cấp{detail}' },
  'yaml-syntax': { en: 'not YAML{detail}', vi: 'không phải YAML hợp lệ{detail}' },
  'yaml-anchor': { en: 'anchors and aliases are not accepted{detail}', vi: 'không chấp nhận neo và bí danh{detail}' },
  'yaml-tag': { en: 'tags are not accepted{detail}', vi: 'không chấp nhận thẻ kiểu{detail}' },
  'yaml-text': { en: 'the text holds NUL or is not valid Unicode', vi: 'văn bản chứa NUL hoặc không phải Unicode hợp lệ' },
  'yaml-number': {
    en: 'the number would be rounded: write it in quotes where text is meant{detail}',
    vi: 'số sẽ bị làm tròn: hãy đặt trong dấu nháy nếu đó là văn bản{detail}',
  },
  'id-in-two-places': { en: '{id} stands at {first} already', vi: '{id} đã có ở {first}' },
  'supplied-entries': {
    en: 'the supplied entries cannot be read: {reason}',
    vi: 'không đọc được các mục đi kèm: {reason}',
  },
} as const satisfies Record<string, Bilingual>;

export type DictionaryFault = keyof typeof dictionarySentences;

/** A problem of an entry or a place, in both languages. @param values whatever the sentence names; one by language where it differs */
export function dictionaryProblem(
  where: string,
  fault: DictionaryFault,
  values: Readonly<Record<string, string | number | Bilingual>> = {},
): DictionaryProblem {
  const said = (language: Language): string =>
    dictionarySentences[fault][language].replaceAll(/\{([a-zA-Z]+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === 'object' ? value[language] : String(value);
    });
  return { where, what: said('en'), vi: said('vi') };
}

/** The sentence of a problem in a language; English where another program's words are all there is. */
export function problemText({ what, vi }: DictionaryProblem, language: Language): string {
  return language === 'vi' ? (vi ?? what) : what;
}
