import type { YAMLError } from 'yaml';

/** What the parser of YAML complains of, in Vietnamese; it speaks English itself. */
const sentences: Readonly<Record<YAMLError['code'], string>> = {
  ALIAS_PROPS: 'bí danh không được có neo hoặc thẻ',
  BAD_ALIAS: 'bí danh không hợp lệ',
  BAD_COLLECTION_TYPE: 'kiểu khối không hợp với thẻ',
  BAD_DIRECTIVE: 'chỉ thị % không hợp lệ',
  BAD_DQ_ESCAPE: 'ký tự sau dấu \\ trong ngoặc kép không hợp lệ',
  BAD_INDENT: 'thụt lề sai: các mục cùng khối phải thẳng cột',
  BAD_PROP_ORDER: 'neo và thẻ đứng sai chỗ',
  BAD_SCALAR_START: 'giá trị bắt đầu bằng ký tự dành riêng: hãy đặt trong dấu nháy',
  BLOCK_AS_IMPLICIT_KEY:
    'khối lồng nhau không thể nằm cùng dòng với tên trường: kiểm tra dấu hai chấm thừa, hoặc đặt giá trị trong dấu nháy',
  BLOCK_IN_FLOW: 'khối thụt lề không thể nằm trong { } hoặc [ ]',
  DUPLICATE_KEY: 'tên bị ghi hai lần',
  IMPOSSIBLE: 'không đọc được',
  KEY_OVER_1024_CHARS: 'tên trường dài quá 1024 ký tự',
  MISSING_CHAR: 'thiếu ký tự: dấu nháy, ngoặc, dấu phẩy, dấu hai chấm hoặc khoảng trắng',
  MULTILINE_IMPLICIT_KEY: 'tên trường phải nằm trên một dòng: có thể thiếu dấu hai chấm ở dòng này hoặc dòng trước',
  MULTIPLE_ANCHORS: 'nhiều neo cho một giá trị',
  MULTIPLE_DOCS: 'nhiều tài liệu trong một tệp',
  MULTIPLE_TAGS: 'nhiều thẻ cho một giá trị',
  NON_STRING_KEY: 'tên trường phải là văn bản',
  RESOURCE_EXHAUSTION: 'quá lớn hoặc lồng nhau quá sâu',
  TAB_AS_INDENT: 'dùng phím tab để thụt lề: hãy dùng dấu cách',
  TAG_RESOLVE_FAILED: 'không hiểu thẻ kiểu',
  UNEXPECTED_TOKEN: 'có ký tự không đúng chỗ',
};

export function yamlSyntaxVietnamese({ code }: Pick<YAMLError, 'code'>): string {
  return sentences[code] ?? sentences.IMPOSSIBLE;
}
