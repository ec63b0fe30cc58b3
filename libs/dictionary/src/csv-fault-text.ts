import type { Language } from '@truc/kernel';

/** Everything that can be wrong with a line of a code list's CSV; the codes are stable, the sentences are for the people who keep the list. */
const faults = {
  'too-large': {
    en: 'the file has more than {limit} bytes, which is the most that a platform takes: leave out what may be left out, such as labels',
    vi: 'tệp lớn hơn {limit} byte là mức tối đa mà nền tảng nhận: hãy bỏ những phần có thể bỏ, ví dụ cột tên',
  },
  'utf-16': {
    en: 'the file is UTF-16, which spreadsheets call "Unicode text": save it as "CSV UTF-8"',
    vi: 'tệp ở dạng UTF-16 (bảng tính gọi là "Unicode text"): hãy lưu lại dạng "CSV UTF-8"',
  },
  nul: { en: 'the line holds NUL: this is no text in UTF-8', vi: 'dòng có ký tự NUL: đây không phải văn bản UTF-8' },
  'not-utf-8': {
    en: 'byte {column} (0x{byte}) is not UTF-8; the file was probably saved in Windows-1258, TCVN3 or VNI: save it as "CSV UTF-8"',
    vi: 'byte {column} (0x{byte}) không phải UTF-8; có lẽ tệp được lưu bằng bảng mã Windows-1258, TCVN3 hoặc VNI: hãy lưu lại dạng "CSV UTF-8"',
  },
  'was-not-utf-8': {
    en: 'a text was not UTF-8 when the file was read: save it as "CSV UTF-8"',
    vi: 'có ô không phải UTF-8 khi tệp được đọc: hãy lưu lại dạng "CSV UTF-8"',
  },
  empty: { en: 'the file is empty: it needs a header', vi: 'tệp trống: cần có dòng tiêu đề' },
  'no-column': { en: 'no column {columns}; the header has {header}', vi: 'không có cột {columns}; tiêu đề có {header}' },
  'column-twice': { en: 'the column {column} stands twice', vi: 'cột {column} xuất hiện hai lần' },
  'too-many-rows': {
    en: '{count} rows; a code list has at most {limit}, because everybody who judges rows holds it in memory. Leave a larger register out of its value domain (codeList: null): its codes are then judged by their form and check digit',
    vi: '{count} dòng; danh mục có tối đa {limit} dòng, vì mọi nơi kiểm tra bản ghi đều giữ danh mục trong bộ nhớ. Với sổ đăng ký lớn hơn, hãy để miền giá trị không có danh mục (codeList: null): mã khi đó được kiểm tra theo dạng và chữ số kiểm tra',
  },
  cells: {
    en: '{count} cells under {columns} columns: a text with a comma stands in quotes',
    vi: '{count} ô dưới {columns} cột: nội dung có dấu phẩy phải đặt trong dấu ngoặc kép',
  },
  unreadable: {
    en: 'the row cannot be read: a quote is open, or stands inside a text without being doubled',
    vi: 'không đọc được dòng: dấu ngoặc kép chưa đóng, hoặc nằm trong nội dung mà không viết đôi',
  },
  'no-code': { en: 'there is no code', vi: 'thiếu mã' },
  'code-text': {
    en: 'the code holds a control character, or more than 100 characters',
    vi: 'mã chứa ký tự điều khiển hoặc dài quá 100 ký tự',
  },
  'code-form': {
    en: 'the code "{code}" does not have the form that the dictionary asks for',
    vi: 'mã "{code}" không đúng dạng mà từ điển yêu cầu',
  },
  'code-zeros': {
    en: 'the code "{code}" does not have the form that the dictionary asks for: did a spreadsheet drop its leading zeros?',
    vi: 'mã "{code}" không đúng dạng mà từ điển yêu cầu: có phải bảng tính đã bỏ các số 0 ở đầu?',
  },
  'one-label': { en: 'there is a label in {there} and none in {absent}', vi: 'có tên tiếng {there} mà thiếu tên tiếng {absent}' },
  'label-text': {
    en: 'a label holds a line end or another control character',
    vi: 'tên chứa dấu xuống dòng hoặc ký tự điều khiển khác',
  },
  day: { en: '{column} "{text}" is no day as in 2025-07-01', vi: '{column} "{text}" không phải ngày dạng 2025-07-01' },
  'day-order': {
    en: '{column} "{text}" is no day as in 2025-07-01; if it is {day} {month} {year}, write {iso}',
    vi: '{column} "{text}" không phải ngày dạng 2025-07-01; nếu là ngày {day} tháng {month} năm {year}, hãy ghi {iso}',
  },
  'ends-before': { en: 'it ends on {to}, before it begins on {from}', vi: 'kết thúc ngày {to}, trước khi bắt đầu ngày {from}' },
  'superseded-by-itself': { en: 'the code is superseded by itself', vi: 'mã được thay thế bởi chính nó' },
  'superseded-by-nothing': {
    en: 'it is superseded by "{code}", which is not in the file',
    vi: 'được thay thế bởi "{code}", mã này không có trong tệp',
  },
  twice: { en: 'the code "{code}" stands twice, first on line {line}', vi: 'mã "{code}" lặp lại, lần đầu ở dòng {line}' },
  overlap: {
    en: 'the code "{code}" is in force twice on the same day: its other period stands on line {line}',
    vi: 'mã "{code}" có hai thời hạn chồng nhau: thời hạn kia ở dòng {line}',
  },
} as const satisfies Record<string, Record<Language, string>>;

export type CsvFault = keyof typeof faults;

/** Something wrong with one line of a CSV file. */
export interface CsvProblem {
  /** From 1. */
  readonly line: number;
  readonly code: CsvFault;
  /** In the reader's language. */
  readonly what: string;
}

/** A text quoted from a file is cut, so that a message stays readable whatever was written. */
const quotedCharsMax = 60;

export function csvProblem(
  line: number,
  code: CsvFault,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): CsvProblem {
  const what = faults[code][language].replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    const text = String(value);
    return text.length > quotedCharsMax && name !== 'header' ? `${text.slice(0, quotedCharsMax)}...` : text;
  });
  return { line, code, what };
}
