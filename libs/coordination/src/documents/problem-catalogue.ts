import { dictionaryProblems } from './dictionary-problems.js';
import { loadedProblems } from './loaded-problems.js';
import { mappingProblems } from './mapping-problems.js';

/**
 * Every sentence that a document can be refused with, by its stable code, in both languages. `{name}` is filled in.
 * Rules D1 to D9 are the dictionary's; the registry judges the same rules again when the schema is registered.
 */
interface ProblemText {
  readonly message: { readonly en: string; readonly vi: string };
  readonly hint?: { readonly en: string; readonly vi: string };
}

export const problemCatalogue = {
  DOCUMENT_PROBLEMS_MANY: {
    message: { en: 'and {count} more problems', vi: 'và {count} lỗi khác' },
  },
  DOCUMENT_TOO_LARGE: {
    message: { en: 'the file has {size} bytes; at most {limit} are read', vi: 'tệp có {size} byte; chỉ đọc tối đa {limit} byte' },
    hint: { en: 'split it: a directory may hold any number of files', vi: 'hãy tách tệp: một thư mục có thể chứa nhiều tệp' },
  },
  DOCUMENT_TOO_MANY_FILES: {
    message: { en: '{count} files of {size} bytes in all; at most {limit}', vi: '{count} tệp, tổng cộng {size} byte; tối đa {limit}' },
  },
  DOCUMENT_TOO_DEEP: {
    message: { en: 'nested deeper than {limit} levels', vi: 'lồng nhau quá {limit} cấp' },
  },
  DOCUMENT_YAML_SYNTAX: {
    message: { en: 'not YAML: {reason}', vi: 'không phải YAML hợp lệ: {reason}' },
  },
  DOCUMENT_ANCHOR: {
    message: { en: 'anchors and aliases are not accepted ({name})', vi: 'không chấp nhận neo và bí danh ({name})' },
    hint: { en: 'write the value out where it is used', vi: 'hãy viết đầy đủ giá trị ở nơi sử dụng' },
  },
  DOCUMENT_TEXT: {
    message: { en: 'the text holds NUL or is not valid Unicode', vi: 'văn bản chứa NUL hoặc không phải Unicode hợp lệ' },
  },
  DOCUMENT_NUMBER: {
    message: {
      en: 'the number {number} would be rounded: numbers have at most 15 digits',
      vi: 'số {number} sẽ bị làm tròn: số có tối đa 15 chữ số',
    },
    hint: { en: 'write it in quotes where text is meant', vi: 'hãy đặt trong dấu nháy nếu đó là văn bản' },
  },
  DOCUMENT_TAG: {
    message: { en: 'tags are not accepted ({name})', vi: 'không chấp nhận thẻ kiểu ({name})' },
  },
  DOCUMENT_KIND_UNKNOWN: {
    message: {
      en: 'no kind of document has these top-level fields: {fields}',
      vi: 'không có loại tài liệu nào có các trường đầu này: {fields}',
    },
    hint: { en: 'one of: {known}{nearest}', vi: 'một trong các loại: {known}{nearest}' },
  },
  DOCUMENT_MIXED: {
    message: {
      en: 'a dictionary document ({kind}) stands in a file with other documents',
      vi: 'tài liệu từ điển ({kind}) nằm chung tệp với tài liệu khác',
    },
    hint: { en: 'keep dictionary documents in files of their own', vi: 'hãy để tài liệu từ điển trong tệp riêng' },
  },
  DOCUMENT_DICTIONARY: {
    message: { en: '{reason}', vi: '{reason}' },
  },
  DOCUMENT_FIELD_UNKNOWN: {
    message: { en: 'unknown field "{field}"', vi: 'không có trường "{field}"' },
    hint: { en: '{nearest}known here: {known}', vi: '{nearest}các trường hợp lệ: {known}' },
  },
  DOCUMENT_FIELD_MISSING: {
    message: { en: 'the field "{field}" is missing', vi: 'thiếu trường "{field}"' },
  },
  DOCUMENT_TYPE: {
    message: { en: '"{field}" must be {expected}', vi: '"{field}" phải là {expected}' },
  },
  DOCUMENT_TYPE_TEXT: {
    message: {
      en: '"{field}" must be text; unquoted, {found} is read as {type}',
      vi: '"{field}" phải là văn bản; không có dấu nháy, {found} được hiểu là {type}',
    },
    hint: { en: 'put it in quotes', vi: 'hãy đặt trong dấu nháy' },
  },
  DOCUMENT_VALUE: {
    message: { en: '"{field}" is not accepted: {reason}', vi: 'giá trị của "{field}" không hợp lệ: {reason}' },
  },
  DOCUMENT_AGENCY_CODE: {
    message: { en: '"{found}" is not an agency code', vi: '"{found}" không phải mã cơ quan' },
    hint: {
      en: 'one capital letter and two digits, then groups of one to three capitals or digits after dots, as in G12.34',
      vi: 'một chữ hoa và hai chữ số, sau đó là các nhóm một đến ba chữ hoa hoặc chữ số sau dấu chấm, ví dụ G12.34',
    },
  },
  DOCUMENT_NAME: {
    message: { en: '"{found}" is not a name', vi: '"{found}" không phải tên hợp lệ' },
    hint: {
      en: 'lower-case letters, digits and hyphens, beginning with a letter, at most 63',
      vi: 'chữ thường, chữ số và dấu gạch nối, bắt đầu bằng chữ cái, tối đa 63 ký tự',
    },
  },
  DOCUMENT_DATABASE_NAME: {
    message: { en: '"{found}" is not the name of a database', vi: '"{found}" không phải tên cơ sở dữ liệu' },
    hint: {
      en: 'lower-case letters, digits, hyphens and underscores, beginning with a letter, at most 63',
      vi: 'chữ thường, chữ số, dấu gạch nối và gạch dưới, bắt đầu bằng chữ cái, tối đa 63 ký tự',
    },
  },
  DOCUMENT_DATASET_NAME: {
    message: { en: '"{found}" is not a dataset name', vi: '"{found}" không phải tên tập dữ liệu' },
    hint: {
      en: '<database>.<subject> in lower case, as in population.resident',
      vi: '<cơ sở dữ liệu>.<chủ thể> bằng chữ thường, ví dụ population.resident',
    },
  },
  DOCUMENT_TABLE_NAME: {
    message: { en: '"{found}" is not a table', vi: '"{found}" không phải tên bảng' },
    hint: { en: '<schema>.<table>, as in dancu.cong_dan', vi: '<lược đồ>.<bảng>, ví dụ dancu.cong_dan' },
  },
  DOCUMENT_DUPLICATE: {
    message: { en: '{kind} "{name}" is given twice', vi: '{kind} "{name}" bị khai báo hai lần' },
    hint: { en: 'the first one is at {first}', vi: 'lần đầu ở {first}' },
  },
  DOCUMENT_AGENCY_UNKNOWN: {
    message: { en: 'no agency {name} is known', vi: 'chưa có cơ quan {name}' },
    hint: { en: '{nearest}apply a document `agency: {code: {name}, ...}`', vi: '{nearest}hãy thêm tài liệu `agency: {code: {name}, ...}`' },
  },
  DOCUMENT_DATASET_UNKNOWN: {
    message: { en: 'no dataset {name} is known', vi: 'chưa có tập dữ liệu {name}' },
    hint: {
      en: '{nearest}apply a document `dataset: {name: {name}, ...}`',
      vi: '{nearest}hãy thêm tài liệu `dataset: {name: {name}, ...}`',
    },
  },
  DOCUMENT_DATASET_AGENCY: {
    message: {
      en: "the dataset {name} belongs to {owner}, not to the source's agency {agency}",
      vi: 'tập dữ liệu {name} thuộc {owner}, không thuộc cơ quan {agency} của nguồn',
    },
  },
  DOCUMENT_DATASET_UNMAPPED: {
    message: { en: 'no table is mapped to the dataset {name} yet', vi: 'chưa có bảng nào ánh xạ vào tập dữ liệu {name}' },
    hint: { en: 'apply the source that publishes it first, or together', vi: 'hãy áp dụng nguồn công bố nó trước hoặc cùng lúc' },
  },
  DOCUMENT_DATASET_TWICE: {
    message: {
      en: 'the tables {first} and {table} both go to the dataset {name}',
      vi: 'hai bảng {first} và {table} cùng vào tập dữ liệu {name}',
    },
    hint: { en: 'one table for each dataset: choose another subject', vi: 'mỗi tập dữ liệu một bảng: hãy chọn chủ thể khác' },
  },
  DOCUMENT_GENERATION: {
    message: {
      en: 'the generation of {name} cannot go back from {current} to {found}',
      vi: 'thế hệ của {name} không thể lùi từ {current} về {found}',
    },
  },
  DOCUMENT_GENERATION_UNKNOWN: {
    message: {
      en: 'the dataset {name} has generation {current}, not {found}',
      vi: 'tập dữ liệu {name} có thế hệ {current}, không phải {found}',
    },
  },
  DOCUMENT_PARTITIONS: {
    message: {
      en: '{name} has {found} partitions but {other}, of the same scheme {scheme}, has {current}',
      vi: '{name} có {found} phân vùng nhưng {other}, cùng hệ mã {scheme}, có {current}',
    },
    hint: {
      en: 'datasets of one scheme have the same number of partitions, so that one code is in the same partition everywhere',
      vi: 'các tập dữ liệu cùng hệ mã phải có cùng số phân vùng để một mã luôn nằm ở cùng một phân vùng',
    },
  },
  DOCUMENT_PARTITIONS_CHANGED: {
    message: {
      en: '{name} has {current} partitions; their number cannot change to {found}',
      vi: '{name} có {current} phân vùng; không thể đổi thành {found}',
    },
    hint: {
      en: 'the number stays as long as the dataset does: a code would lie in two partitions',
      vi: 'số phân vùng giữ nguyên suốt đời tập dữ liệu: nếu không một mã sẽ nằm ở hai phân vùng',
    },
  },
  DOCUMENT_NO_DICTIONARY: {
    message: { en: 'no dictionary has been applied yet', vi: 'chưa áp dụng từ điển dữ liệu' },
    hint: { en: 'apply the dictionary first, or together', vi: 'hãy áp dụng từ điển trước hoặc cùng lúc' },
  },
  AGENCY_SCOPE_DOMAIN: {
    message: { en: '{name} is no text domain of the dictionary', vi: 'từ điển không có miền giá trị văn bản {name}' },
    hint: {
      en: '{nearest}a scope is a set of codes of one value domain, e.g. urn:vn:ddict:domain:province-code',
      vi: '{nearest}phạm vi là tập mã của một miền giá trị, ví dụ urn:vn:ddict:domain:province-code',
    },
  },
  AGENCY_SCOPE_CODE: {
    message: { en: 'the code {code} was never in {list}', vi: 'mã {code} chưa từng có trong {list}' },
  },
  AGENCY_SCOPE_OVERLAP: {
    message: {
      en: 'V7: {code} is in the scope of {agency} and in that of {other}',
      vi: 'V7: {code} vừa thuộc phạm vi của {agency} vừa thuộc phạm vi của {other}',
    },
    hint: {
      en: 'one datum has one source: give the code to one of them',
      vi: 'mỗi dữ liệu chỉ có một nguồn: hãy giao mã này cho một cơ quan',
    },
  },
  DATASET_CLASS_SCHEMA: {
    message: {
      en: 'datasets of the class {authority} share one schema: {name} differs from {other} in {elements}',
      vi: 'các bộ dữ liệu của lớp {authority} dùng chung một lược đồ: {name} khác {other} ở {elements}',
    },
    hint: {
      en: 'map the same elements, with the same reference, protection and required, as the other one at {first}; or give it another subject',
      vi: 'hãy ánh xạ đúng các phần tử đó, với cùng reference, protection và required, như bộ kia ở {first}; hoặc đặt subject khác',
    },
  },
  DATASET_SCOPE_ELEMENT: {
    message: {
      en: '{name}: {element} cannot tell whose scope a row belongs to',
      vi: '{name}: {element} không thể cho biết bản ghi thuộc phạm vi của cơ quan nào',
    },
    hint: {
      en: "{nearest}name an element that the table maps to one value, not a list, and that has the value domain of {agency}'s scope; without a scope of {agency} leave it out",
      vi: '{nearest}hãy nêu phần tử mà bảng có ánh xạ thành một giá trị, không phải danh sách, và có miền giá trị như phạm vi của {agency}; nếu {agency} không có phạm vi thì bỏ trường này',
    },
  },
  DATASET_SCOPE_NONE: {
    message: {
      en: 'V7: the authority for {element} is a class of agencies, each within its own scope, and {agency} has none',
      vi: 'V7: thẩm quyền về {element} thuộc một nhóm cơ quan, mỗi cơ quan trong phạm vi của mình, còn {agency} chưa có phạm vi',
    },
    hint: {
      en: 'have the administrator give {agency} its scope: a domain and codes, in its document',
      vi: 'đề nghị quản trị viên khai phạm vi cho {agency}: một miền giá trị và các mã, trong tài liệu của cơ quan',
    },
  },
  DATASET_SCOPE_FIELD: {
    message: {
      en: 'V7: no field of {name}, or more than one, tells by {domain} whether a row lies within the scope of {agency}',
      vi: 'V7: {name} không có trường nào, hoặc có nhiều trường, cho biết theo {domain} bản ghi có thuộc phạm vi của {agency} hay không',
    },
    hint: {
      en: 'map such an element, and where there are several name one as `scopeElement` of the dataset',
      vi: 'hãy ánh xạ phần tử như vậy; nếu có nhiều thì nêu một phần tử ở `scopeElement` của bộ dữ liệu',
    },
  },
  CONTRACT_ELEMENT_UNKNOWN: {
    message: { en: 'the dataset {dataset} has no element {element}', vi: 'tập dữ liệu {dataset} không có phần tử {element}' },
    hint: { en: '{nearest}it has: {known}', vi: '{nearest}gồm có: {known}' },
  },
  CONTRACT_ELEMENT_TWICE: {
    message: { en: 'the element {element} is named twice', vi: 'phần tử {element} được nêu hai lần' },
  },
  CONTRACT_MASK_ELEMENT: {
    message: { en: 'the contract masks {element}, which it does not name', vi: 'hợp đồng che {element} nhưng không nêu phần tử này' },
    hint: {
      en: '{nearest}name the element under `elements` as well, or leave its mask out',
      vi: '{nearest}hãy nêu phần tử dưới `elements`, hoặc bỏ mặt nạ của nó',
    },
  },
  CONTRACT_MASK_MISSING: {
    message: {
      en: '{dataset} protects {element} ({protection}), which the contract would let out in clear',
      vi: '{dataset} bảo vệ {element} ({protection}), còn hợp đồng lại cho ra nguyên giá trị',
    },
    hint: {
      en: 'write `masks: {{element}: hash}` in the contract (masks of its value domain: {allowed}), or leave the element out; what an earlier contract let out in clear is not prolonged: apply its terms under another name with a table of its own',
      vi: 'hãy ghi `masks: {{element}: hash}` trong hợp đồng (các mặt nạ của miền giá trị này: {allowed}), hoặc bỏ phần tử; không gia hạn hợp đồng trước đây đã cho ra nguyên giá trị: hãy áp dụng nội dung đó dưới tên khác với bảng riêng',
    },
  },
  CONTRACT_MASK_UNFIT: {
    message: {
      en: '{element} cannot be masked by {mask}: its value domain is {domain}',
      vi: 'không thể che {element} bằng {mask}: miền giá trị là {domain}',
    },
    hint: { en: 'masks of that domain: {allowed}', vi: 'các mặt nạ của miền này: {allowed}' },
  },
  CONTRACT_VALIDITY: {
    message: {
      en: 'the contract would end on {to}, before it begins on {from}',
      vi: 'hợp đồng kết thúc ngày {to}, trước ngày bắt đầu {from}',
    },
  },
  CONTRACT_TARGET_TAKEN: {
    message: {
      en: '{consumer} already keeps the contract {other} in {target}',
      vi: '{consumer} đã dùng {target} cho hợp đồng {other}',
    },
    hint: {
      en: 'give each contract a table of its own; the other one is at {first}',
      vi: 'hãy đặt mỗi hợp đồng một bảng riêng; hợp đồng kia ở {first}',
    },
  },
  CONTRACT_SCOPE_TWICE: {
    message: {
      en: '{consumer} already has exactly these elements of {dataset} in the database {database}, by the contract {other}: they are one topic, which fills one table',
      vi: '{consumer} đã có đúng các phần tử này của {dataset} trong cơ sở dữ liệu {database} theo hợp đồng {other}: chúng là một topic và chỉ nạp vào một bảng',
    },
    hint: {
      en: 'the other one is at {first}: prolong that one (validTo), or name another database or other elements',
      vi: 'hợp đồng kia ở {first}: hãy gia hạn nó (validTo), hoặc nêu cơ sở dữ liệu khác hay phần tử khác',
    },
  },
  ...mappingProblems,
  ...loadedProblems,
  ...dictionaryProblems,
} as const satisfies Record<string, ProblemText>;

/** How people call the types of YAML. */
export const typeNames: Readonly<Record<string, { readonly en: string; readonly vi: string }>> = {
  string: { en: 'text', vi: 'văn bản' },
  int: { en: 'a whole number', vi: 'số nguyên' },
  number: { en: 'a number', vi: 'số' },
  boolean: { en: 'true or false', vi: 'true hoặc false' },
  object: { en: 'a block of fields', vi: 'một khối các trường' },
  array: { en: 'a list', vi: 'một danh sách' },
  null: { en: 'empty', vi: 'để trống' },
};

export type ProblemCode = keyof typeof problemCatalogue;
