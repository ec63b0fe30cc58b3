import { schemaLimits, type AvroSchemaError, type BrokenLimit } from '@truc/avro';
import { sentence, type Bilingual, type Language } from '@truc/kernel';

/** What `expected` and `found` of a violation say where they are words and not names, types or codes. `{0}` is filled in. */
const terms = {
  nothing: { en: 'nothing', vi: 'không có' },
  'element-of-release': { en: 'an element of release {0}', vi: 'một phần tử của bản phát hành {0}' },
  'earlier-name': { en: 'a name of an earlier version', vi: 'tên trường ở một phiên bản trước' },
  'earlier-name-of-element': {
    en: 'a name of an earlier version of this element’s field',
    vi: 'tên trường của chính phần tử này ở một phiên bản trước',
  },
  'name-of-element': { en: '{0}, the name of {1}', vi: '{0}, tên trường của {1}' },
  'plain-type': { en: 'the plain type without default', vi: 'kiểu không có null, không có giá trị mặc định' },
  'a-default': { en: 'a default', vi: 'có giá trị mặc định' },
  'without-default': { en: '{0} without default', vi: '{0}, không có giá trị mặc định' },
  'null-default': { en: '[null, type] with default null', vi: '[null, kiểu] với giá trị mặc định null' },
  'reference-to': { en: 'reference (the source is {0})', vi: 'reference (nguồn có thẩm quyền là {0})' },
  protected: { en: 'masked or encrypted', vi: 'masked hoặc encrypted' },
  'master-key': { en: 'a master key or a reference to one', vi: 'khóa dữ liệu chủ hoặc phần tử cùng miền giá trị với khóa đó' },
  'unknown-element': { en: 'an unknown element', vi: 'phần tử không có trong từ điển' },
  platform: { en: 'platform', vi: 'nền tảng' },
  'no-logical-type': { en: '{0} with the logical type {1}, which does not fit it', vi: '{0} với kiểu logic {1} không phù hợp' },
  'codes-of-list': { en: 'the {0} codes of the list, {1}', vi: '{0} mã của danh mục, {1}' },
  'missing-symbols': { en: 'without {0}', vi: 'thiếu {0}' },
  'surplus-symbols': { en: 'beyond the list: {0}', vi: 'ngoài danh mục: {0}' },
  'catalogued-topic': {
    en: 'a topic of a dataset or view in the catalogue',
    vi: 'luồng của một bộ dữ liệu hoặc khung nhìn có trong danh mục',
  },
  'topic-not-in-catalogue': { en: '{0}, which the catalogue does not have', vi: '{0}, không có trong danh mục' },
  'subject-ending': { en: 'a subject that ends with -key or -value', vi: 'chủ đề kết thúc bằng -key hoặc -value' },
  'kept-versions': {
    en: 'versions that data of the topic may have been written with are kept',
    vi: 'giữ lại các phiên bản mà dữ liệu trong luồng có thể đã được ghi theo',
  },
  'deletion-for-good': {
    en: 'deletion for good of version {0}, which is needed by {1}',
    vi: 'xóa vĩnh viễn phiên bản {0}, hiện cần cho {1}',
  },
  'caller-of-agency': { en: 'a caller of the agency {0}', vi: 'người gọi thuộc cơ quan {0}' },
  'caller-of-platform': { en: 'a caller of the platform’s own', vi: 'người gọi thuộc nền tảng' },
  'foreign-caller': { en: '{0} of the agency {1}', vi: '{0} thuộc cơ quan {1}' },
  'own-references': {
    en: 'references to subjects of data.{0}.* and of the platform',
    vi: 'tham chiếu đến chủ đề data.{0}.* và của nền tảng',
  },
  'needed-dataset': { en: 'the dataset {0}', vi: 'bộ dữ liệu {0}' },
  'needed-generation': {
    en: 'rows of generation {1} of the dataset {0} that the log still holds',
    vi: 'các bản ghi thế hệ {1} của bộ dữ liệu {0} còn trong luồng',
  },
  'needed-view': { en: 'the view {0}', vi: 'khung nhìn {0}' },
  'needed-contract': { en: 'the contract {0}', vi: 'hợp đồng {0}' },
} satisfies Record<string, Bilingual>;

export type SchemaTerm = keyof typeof terms;

export function schemaTerm(term: SchemaTerm, language: Language, ...values: readonly string[]): string {
  return sentence(terms[term], language, values);
}

const bytes: Bilingual = { en: '{0} bytes', vi: '{0} byte' };
const limits: Readonly<Record<BrokenLimit, { readonly expected: Bilingual; readonly found: Bilingual; readonly most: number }>> = {
  textBytes: {
    expected: { en: 'at most {0} bytes', vi: 'tối đa {0} byte' },
    found: bytes,
    most: schemaLimits.textBytes,
  },
  jsonDepth: {
    expected: { en: 'JSON nested at most {0} deep', vi: 'JSON lồng nhau tối đa {0} mức' },
    found: { en: '{0} deep', vi: '{0} mức' },
    most: schemaLimits.jsonDepth,
  },
  depth: {
    expected: { en: 'types nested at most {0} deep', vi: 'kiểu lồng nhau tối đa {0} mức' },
    found: { en: '{0} deep or more', vi: 'từ {0} mức trở lên' },
    most: schemaLimits.depth,
  },
  fields: {
    expected: { en: 'at most {0} fields in all', vi: 'tổng cộng tối đa {0} trường' },
    found: { en: '{0} fields or more', vi: 'từ {0} trường trở lên' },
    most: schemaLimits.fields,
  },
  name: {
    expected: {
      en: 'a name of ASCII letters, digits and underscores that does not begin with a digit',
      vi: 'tên chỉ gồm chữ cái ASCII, chữ số và dấu gạch dưới, không bắt đầu bằng chữ số',
    },
    found: { en: '{0}', vi: '{0}' },
    most: 0,
  },
  nameChars: {
    expected: { en: 'a name of at most {0} characters', vi: 'tên tối đa {0} ký tự' },
    found: { en: '{0} characters', vi: '{0} ký tự' },
    most: schemaLimits.nameChars,
  },
  fixedBytes: {
    expected: { en: 'a fixed type of at most {0} bytes', vi: 'kiểu fixed tối đa {0} byte' },
    found: bytes,
    most: schemaLimits.fixedBytes,
  },
  itemBytes: {
    expected: { en: 'array items of at least one byte', vi: 'phần tử của mảng có ít nhất một byte' },
    found: bytes,
    most: 0,
  },
};

/** What a broken limit (rule D12) expected and found. */
export function limitTerms({ limit, problem }: AvroSchemaError, language: Language): { readonly expected: string; readonly found: string } {
  if (limit === null) return { expected: '', found: problem };
  const { expected, found, most } = limits[limit.kind];
  return { expected: sentence(expected, language, [String(most)]), found: sentence(found, language, [limit.found]) };
}
