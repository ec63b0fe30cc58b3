import { sentence, type Bilingual, type Language } from '@truc/kernel';

/** What to do about each kind of schema violation. `{0}`, `{1}` are filled in. */
const hints = {
  'row-record-missing': {
    en: 'a value schema is the envelope of a row record (before, after, source, op, ts_ms, transaction), or the row record itself',
    vi: 'lược đồ giá trị phải là phong bì của bản ghi (before, after, source, op, ts_ms, transaction) hoặc chính bản ghi đó',
  },
  'envelope-field': {
    en: 'the envelope carries nothing beside its own blocks; put data into the row record under a dictionary element',
    vi: 'phong bì không mang gì ngoài các khối quy định; hãy đưa dữ liệu vào bản ghi với phần tử trong từ điển',
  },
  'element-missing': {
    en: 'name the element of the shared dictionary in "dictionaryElement", as in urn:vn:ddict:element:person.full-name@1.0.0',
    vi: 'ghi phần tử của từ điển dữ liệu dùng chung vào "dictionaryElement", ví dụ urn:vn:ddict:element:person.full-name@1.0.0',
  },
  'element-unknown': {
    en: 'release {0} of the dictionary does not have this element; look it up, or propose it to its steward',
    vi: 'bản phát hành {0} của từ điển không có phần tử này; hãy tra lại hoặc đề nghị cơ quan quản lý từ điển bổ sung',
  },
  'element-version': {
    en: 'release {0} of the dictionary has another version of this element; name that one',
    vi: 'bản phát hành {0} của từ điển có phiên bản khác của phần tử này; hãy dùng phiên bản đó',
  },
  'element-status': {
    en: 'only approved elements may be used; wait for its approval or use the element that supersedes it{0}',
    vi: 'chỉ được dùng phần tử đã phê duyệt; hãy chờ phê duyệt hoặc dùng phần tử thay thế{0}',
  },
  'not-in-view': {
    en: 'the contract does not name this field, so it may not be in the topic of its view',
    vi: 'hợp đồng không nêu trường này nên không được có trong luồng của khung nhìn',
  },
  type: {
    en: 'use the type of the value domain {0}; an optional field is the union of null and that type',
    vi: 'dùng kiểu của miền giá trị {0}; trường không bắt buộc là hợp của null và kiểu đó',
  },
  name: {
    en: 'every element has one field name everywhere; rename the field and keep the former name as an alias if it was published',
    vi: 'mỗi phần tử chỉ có một tên trường ở mọi nơi; hãy đổi tên và giữ tên cũ làm bí danh nếu đã công bố',
  },
  alias: {
    en: 'an alias is for an element whose field an earlier version published under that name; remove it',
    vi: 'bí danh chỉ dùng cho phần tử mà phiên bản trước đã công bố với tên đó; hãy bỏ bí danh này',
  },
  'required-nullable': {
    en: 'the dataset requires this field from its first version: give it the plain type without null and without default',
    vi: 'bộ dữ liệu yêu cầu trường này từ phiên bản đầu: dùng kiểu không có null và không có giá trị mặc định',
  },
  'required-missing': {
    en: 'the dataset requires this field and the first version of the schema does not have it',
    vi: 'bộ dữ liệu yêu cầu trường này nhưng phiên bản đầu của lược đồ không có',
  },
  'added-not-nullable': {
    en: 'a field that is added later is a union of null and its type with default null, so that older data can still be read',
    vi: 'trường thêm về sau phải là hợp của null và kiểu của nó, mặc định null, để vẫn đọc được dữ liệu cũ',
  },
  'key-schema': {
    en: 'every key is the master-data key (schemas/avro/MasterDataKey.avsc), which never changes',
    vi: 'mọi khóa đều là khóa dữ liệu chủ (schemas/avro/MasterDataKey.avsc) và không bao giờ thay đổi',
  },
  'code-element': {
    en: 'the code of a dataset is a master key, or an element of the value domain of one',
    vi: 'mã của bộ dữ liệu phải là khóa dữ liệu chủ hoặc phần tử cùng miền giá trị với khóa đó',
  },
  owner: {
    en: 'only the agency that owns the topic may register schemas for it',
    vi: 'chỉ cơ quan sở hữu luồng mới được đăng ký lược đồ cho luồng đó',
  },
  'reference-owner': {
    en: 'a schema refers to subjects of its own agency and of the platform only: whoever is referred to could not delete its versions any more; write the type into the schema itself',
    vi: 'lược đồ chỉ tham chiếu đến chủ đề của chính cơ quan mình và của nền tảng, vì bên được tham chiếu sẽ không thể xóa phiên bản của họ; hãy viết kiểu đó ngay trong lược đồ',
  },
  'platform-only': {
    en: 'schemas of views and of the platform’s own topics are registered by the platform alone',
    vi: 'lược đồ của khung nhìn và của các luồng nội bộ chỉ do nền tảng đăng ký',
  },
  authority: {
    en: 'another source is authoritative for this datum; mark the field with "dictionaryRole": "reference" (reference: true in the mapping)',
    vi: 'nguồn khác có thẩm quyền đối với dữ liệu này; đánh dấu "dictionaryRole": "reference" (reference: true trong ánh xạ)',
  },
  'state-secret': {
    en: 'state secrets may not use this backbone at all; remove the field and its mapping',
    vi: 'bí mật nhà nước không được đi qua trục này; hãy bỏ trường và ánh xạ của nó',
  },
  protection: {
    en: 'sensitive personal data has to be protected; set "protection" to masked or encrypted',
    vi: 'dữ liệu cá nhân nhạy cảm phải được bảo vệ; đặt "protection" là masked hoặc encrypted',
  },
  deprecated: {
    en: 'this element is deprecated and new subjects may not use it{0}',
    vi: 'phần tử này đã lỗi thời, chủ đề mới không được dùng{0}',
  },
  'deprecated-warning': {
    en: 'this element is deprecated; plan to move{0}',
    vi: 'phần tử này đã lỗi thời; hãy lên kế hoạch chuyển đổi{0}',
  },
  'enum-list': {
    en: 'an enum is for a closed list of codes that are names; use string, and the values are judged by the list',
    vi: 'enum chỉ dùng cho danh mục đóng có mã là tên; hãy dùng string, giá trị sẽ được kiểm tra theo danh mục',
  },
  'enum-symbols': {
    en: 'the symbols of the enum are exactly the codes of the list',
    vi: 'các ký hiệu của enum phải đúng bằng các mã của danh mục',
  },
  limit: {
    en: 'a schema has at most 64 KiB, 32 nested types and 1,000 fields, names in ASCII, and no array of items without bytes',
    vi: 'lược đồ tối đa 64 KiB, 32 mức lồng nhau, 1.000 trường, tên dùng ASCII và không có mảng gồm phần tử rỗng',
  },
  level: {
    en: 'what was shared must stay readable: a breaking change is a new generation of the dataset',
    vi: 'dữ liệu đã chia sẻ phải luôn đọc được: thay đổi không tương thích là một thế hệ mới của bộ dữ liệu',
  },
  'version-in-use': {
    en: 'withdraw the dataset, and every contract and view on it, first; a soft deletion is allowed',
    vi: 'hãy rút bộ dữ liệu cùng mọi hợp đồng và khung nhìn của nó trước; vẫn được phép xóa tạm (soft delete)',
  },
  'agency-subjects': {
    en: 'an agency registers subjects of data.{0}.* only; everything else is registered by the platform',
    vi: 'mỗi cơ quan chỉ đăng ký chủ đề data.{0}.*; các chủ đề khác do nền tảng đăng ký',
  },
  'topic-not-in-catalogue': {
    en: 'apply the dataset, or the contract of the view, first',
    vi: 'hãy áp dụng bộ dữ liệu, hoặc hợp đồng của khung nhìn, trước',
  },
  'subject-ending': {
    en: 'name the subject <topic>-key or <topic>-value',
    vi: 'đặt tên chủ đề là <luồng>-key hoặc <luồng>-value',
  },
} satisfies Record<string, Bilingual>;

export type SchemaProblem = keyof typeof hints;

export function schemaHint(problem: SchemaProblem, language: Language, ...values: readonly string[]): string {
  return sentence(hints[problem], language, values);
}
