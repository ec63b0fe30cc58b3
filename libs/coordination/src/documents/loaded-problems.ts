/**
 * Sentences for changes of what was loaded already. Rows are carried when they change; nothing carries the others a second time, so such a change would be true for
 * some rows and not for others, and nobody could tell which.
 */
const newDataset = {
  en: 'leave it as it is, and publish the new shape as a dataset of its own: a source under another database name (as {database}-2) and, at the agent, sources.{database}-2 with the same url and a slot and a publication of its own. Contracts move there under new names',
  vi: 'hãy giữ nguyên và công bố dạng mới thành tập dữ liệu riêng: một nguồn với tên cơ sở dữ liệu khác (ví dụ {database}-2) và, ở tác nhân, sources.{database}-2 cùng url nhưng có slot và publication riêng. Các hợp đồng chuyển sang đó dưới tên mới',
} as const;

const newContract = {
  en: 'leave {name} as it is, and apply the new terms as a contract of another name with a table of its own; end {name} by its validTo once that table is filled',
  vi: 'hãy giữ nguyên {name} và áp dụng nội dung mới bằng hợp đồng tên khác với bảng riêng; khi bảng đó đã đủ dữ liệu thì kết thúc {name} bằng validTo',
} as const;

export const loadedProblems = {
  MAPPING_LOADED_ADDED: {
    message: {
      en: '{dataset} was loaded without {element}: rows that do not change at the source would never get it',
      vi: '{dataset} đã được nạp khi chưa có {element}: những dòng không thay đổi ở nguồn sẽ không bao giờ có phần tử này',
    },
    hint: newDataset,
  },
  MAPPING_LOADED_REMOVED: {
    message: {
      en: '{dataset} was loaded with {element}: rows that do not change at the source would keep it',
      vi: '{dataset} đã được nạp với {element}: những dòng không thay đổi ở nguồn sẽ vẫn giữ phần tử này',
    },
    hint: newDataset,
  },
  MAPPING_LOADED_CHANGED: {
    message: {
      en: '{dataset} was loaded with {field} {current}; rows that do not change at the source would not follow {found}',
      vi: '{dataset} đã được nạp với {field} {current}; những dòng không thay đổi ở nguồn sẽ không theo {found}',
    },
    hint: newDataset,
  },
  MAPPING_LOADED_WITHDRAWN: {
    message: {
      en: '{dataset} was loaded from {table}, which is no longer published: its rows would stay everywhere as they are, and what happens meanwhile would be missing if it were published again',
      vi: '{dataset} đã được nạp từ {table} nhưng bảng này không còn được công bố: các dòng sẽ giữ nguyên ở mọi nơi, và thay đổi trong thời gian đó sẽ thiếu nếu công bố lại',
    },
    hint: {
      en: 'leave it published; contracts that are ended by their validTo bring nothing more to their consumers. `truc agent pause` holds its source only until that agent starts anew or another node takes over',
      vi: 'hãy giữ việc công bố; hợp đồng kết thúc bằng validTo thì không chuyển thêm gì cho bên nhận. `truc agent pause` chỉ tạm dừng nguồn cho đến khi tác nhân đó khởi động lại hoặc nút khác tiếp quản',
    },
  },
  MAPPING_LOADED_CODE: {
    message: {
      en: '{dataset} was loaded by what {element} is now: where this release makes it a code of rows, or takes that from it, those rows would be there twice',
      vi: '{dataset} đã được nạp theo vai trò hiện tại của {element}: nếu bản phát hành này biến nó thành mã của dòng, hoặc thôi dùng nó làm mã, thì các dòng đó sẽ có hai bản',
    },
    hint: {
      en: 'leave the value domain of this element and what is a master key of it; make another element for what is to be different',
      vi: 'hãy giữ miền giá trị của phần tử này và khóa dữ liệu chủ của miền đó; tạo phần tử khác cho điều cần thay đổi',
    },
  },
  MAPPING_LOADED_SCHEME: {
    message: {
      en: 'the codes of {dataset} ({element}) were loaded under the scheme {current}; under {found} every row would be there twice',
      vi: 'mã của {dataset} ({element}) đã được nạp theo hệ mã {current}; theo {found} thì mỗi dòng sẽ có hai bản',
    },
    hint: {
      en: 'leave the value domain of this element; make another element for the new codes',
      vi: 'hãy giữ miền giá trị của phần tử này; tạo phần tử khác cho mã mới',
    },
  },
  DATASET_LOADED_GENERATION: {
    message: {
      en: '{name} was loaded in generation {current}: generation {found} would begin without the rows that do not change any more',
      vi: '{name} đã được nạp ở thế hệ {current}: thế hệ {found} sẽ thiếu những dòng không còn thay đổi',
    },
    hint: newDataset,
  },
  CONTRACT_LOADED_ADDED: {
    message: {
      en: 'the contract {name} was loaded without {element}: rows that do not change would never get it',
      vi: 'hợp đồng {name} đã được nạp khi chưa có {element}: những dòng không thay đổi sẽ không bao giờ có phần tử này',
    },
    hint: newContract,
  },
  CONTRACT_LOADED_REMOVED: {
    message: {
      en: 'the contract {name} was loaded with {element}: rows that do not change would keep it',
      vi: 'hợp đồng {name} đã được nạp với {element}: những dòng không thay đổi sẽ vẫn giữ phần tử này',
    },
    hint: newContract,
  },
  CONTRACT_LOADED_CHANGED: {
    message: {
      en: 'the contract {name} was loaded with {field} {current}; with {found} rows that do not change any more would be missing or out of date',
      vi: 'hợp đồng {name} đã được nạp với {field} {current}; với {found} thì những dòng không còn thay đổi sẽ thiếu hoặc cũ',
    },
    hint: newContract,
  },
  CONTRACT_LOADED_CLEAR: {
    message: {
      en: 'the contract {name} lets {element} of {dataset} out in clear, which this release protects ({protection})',
      vi: 'hợp đồng {name} cho ra nguyên giá trị {element} của {dataset}, còn bản phát hành này bảo vệ phần tử đó ({protection})',
    },
    hint: {
      en: 'end {name} first, by a validTo before today, and apply its terms with `masks: {{element}: hash}` (masks of its value domain: {allowed}) as a contract of another name with a table of its own',
      vi: 'trước hết hãy kết thúc {name} bằng validTo trước hôm nay, rồi áp dụng nội dung đó kèm `masks: {{element}: hash}` (các mặt nạ của miền giá trị này: {allowed}) bằng hợp đồng tên khác với bảng riêng',
    },
  },
  CONTRACT_LOADED_TABLE: {
    message: {
      en: 'the contract {name} was loaded into the table {current}; in {found} rows that do not change any more would be missing',
      vi: 'hợp đồng {name} đã được nạp vào bảng {current}; trong {found} sẽ thiếu những dòng không còn thay đổi',
    },
    hint: {
      en: 'leave the table; another name for it is a view in that database: CREATE VIEW shared."{found}" AS SELECT * FROM shared."{current}"',
      vi: 'hãy giữ bảng; muốn tên khác thì tạo view trong cơ sở dữ liệu đó: CREATE VIEW shared."{found}" AS SELECT * FROM shared."{current}"',
    },
  },
} as const;
