/** Sentences for mappings: how a table's columns become a dataset's fields, and where its rows' code comes from. */
export const mappingProblems = {
  MAPPING_VIA_INVALID: {
    message: { en: '{table}: {reason}', vi: '{table}: chỗ lấy mã không hợp lệ: {reason}' },
  },
  MAPPING_VIA_EXPRESSION: {
    message: {
      en: '{table}: via: expression, and no expression is given',
      vi: '{table}: via: expression nhưng không có biểu thức',
    },
    hint: {
      en: "write what the code is made of, with widths where zeros are to be put before, as in `transform: {op: format, pattern: '{ma_so_dn:010}-{stt:03}'}`",
      vi: "hãy ghi mã được ghép từ đâu, kèm độ rộng nếu cần thêm số 0 phía trước, ví dụ `transform: {op: format, pattern: '{ma_so_dn:010}-{stt:03}'}`",
    },
  },
  MAPPING_VIA_FAR: {
    message: {
      en: '{table}: its code is {count} foreign keys away (via: {via}); it is known of every row only where it is in the row or one foreign key away',
      vi: '{table}: mã cách {count} khóa ngoại (via: {via}); chỉ biết được mã của mọi dòng khi mã nằm trong dòng hoặc cách một khóa ngoại',
    },
    hint: {
      en: 'run at the source: {sql} Then write `column: {code}` and `via: null`; the application keeps the column from then on. Rows that lead to several codes stay without one. Or set publish: false',
      vi: 'hãy chạy ở nguồn: {sql} Sau đó ghi `column: {code}` và `via: null`; từ đó ứng dụng phải giữ cột này. Dòng dẫn tới nhiều mã thì không có mã. Hoặc đặt publish: false',
    },
  },
  MAPPING_CODE_AMBIGUOUS: {
    message: {
      en: '{table}: where {column} is {value}, both {first} and {second} could be the code of the row',
      vi: '{table}: khi {column} là {value} thì cả {first} và {second} đều có thể là mã của dòng',
    },
    hint: {
      en: 'let the `in` of only one of them name it',
      vi: 'hãy để `in` của chỉ một trong hai nêu giá trị đó',
    },
  },
  MAPPING_CODE_SCHEME_TWICE: {
    message: {
      en: '{table}: {first} and {second} are codes of one scheme ({scheme}), and a key tells only the scheme: nobody could say whose code it holds',
      vi: '{table}: {first} và {second} là mã của cùng một hệ mã ({scheme}), mà khóa chỉ cho biết hệ mã: không thể biết khóa chứa mã của trường nào',
    },
    hint: {
      en: 'let one entry with both values under `in` fill one element, from one column or a generated column of the source; or leave `when` out of the entry that is no code but data',
      vi: 'hãy dùng một mục có cả hai giá trị dưới `in` cho một phần tử, lấy từ một cột hoặc cột sinh tự động của nguồn; hoặc bỏ `when` ở mục chỉ là dữ liệu chứ không phải mã',
    },
  },
  MAPPING_CODE_TRANSFORM: {
    message: {
      en: '{table}: the identification and the entry of the column {column} make two different texts of one code',
      vi: '{table}: phần định danh và mục của cột {column} tạo ra hai mã khác nhau từ cùng một cột',
    },
    hint: {
      en: 'give both the same transform, or write `transform: null` in the identification: it then does what the entry does',
      vi: 'hãy dùng cùng một transform, hoặc ghi `transform: null` ở phần định danh để dùng transform của mục đó',
    },
  },
  MAPPING_NO_PRIMARY_KEY: {
    message: {
      en: '{table} has no primary key: its rows cannot be told apart',
      vi: '{table} không có khóa chính: không phân biệt được các dòng',
    },
    hint: {
      en: 'run at the source: {sql} and write `primaryKey: [truc_id]` (a partitioned table: ADD PRIMARY KEY (truc_id, <partition column>), and both here); or set publish: false',
      vi: 'hãy chạy ở nguồn: {sql} rồi ghi `primaryKey: [truc_id]` (bảng phân mảnh: ADD PRIMARY KEY (truc_id, <cột phân mảnh>) và ghi cả hai cột ở đây); hoặc đặt publish: false',
    },
  },
  MAPPING_ELEMENT_UNKNOWN: {
    message: { en: 'D1: the dictionary has no element {element}', vi: 'D1: từ điển không có phần tử {element}' },
    hint: { en: '{nearest}', vi: '{nearest}' },
  },
  MAPPING_ELEMENT_STATUS: {
    message: { en: 'D1: the element {element} is {status}', vi: 'D1: phần tử {element} ở trạng thái {status}' },
    hint: { en: 'only approved elements may be published', vi: 'chỉ phần tử đã phê duyệt mới được công bố' },
  },
  MAPPING_ELEMENT_TWICE: {
    message: { en: 'the element {element} is mapped twice in {table}', vi: 'phần tử {element} được ánh xạ hai lần trong {table}' },
    hint: { en: 'the first time at {first}', vi: 'lần đầu ở {first}' },
  },
  MAPPING_TABLE_TWICE: {
    message: {
      en: '{table} is published twice, as {first} and as {second}: only one of them would be filled',
      vi: '{table} được công bố hai lần, thành {first} và {second}: chỉ một tập được nạp',
    },
    hint: { en: 'publish it once; contracts choose its elements', vi: 'hãy công bố một lần; hợp đồng sẽ chọn phần tử' },
  },
  MAPPING_CODE_ELEMENT: {
    message: {
      en: 'D5: {element} is neither a master key nor refers to one, so {table} has no code to be keyed by',
      vi: 'D5: {element} không phải khóa dữ liệu chủ và không tham chiếu khóa nào, nên {table} không có mã để định danh',
    },
  },
  MAPPING_AUTHORITY: {
    message: {
      en: 'D7: the authority for {element} is {authority}, not {agency}',
      vi: 'D7: cơ quan có thẩm quyền về {element} là {authority}, không phải {agency}',
    },
    hint: {
      en: "add `reference: true`: the column holds a copy of another agency's datum",
      vi: 'hãy thêm `reference: true`: cột này giữ bản sao dữ liệu của cơ quan khác',
    },
  },
  MAPPING_STATE_SECRET: {
    message: {
      en: 'D8: {element} is classified state-secret and may not use this backbone at all',
      vi: 'D8: {element} thuộc bí mật nhà nước, không được đưa lên trục này',
    },
    hint: { en: 'write `element: null` for this column', vi: 'hãy ghi `element: null` cho cột này' },
  },
  MAPPING_PROTECTION: {
    message: {
      en: 'D8: {element} is sensitive personal data and may not go unprotected',
      vi: 'D8: {element} là dữ liệu cá nhân nhạy cảm, không được để không bảo vệ',
    },
    hint: {
      en: 'write `protection: masked` or `protection: encrypted`, or leave it out: masked is what such an element has by itself',
      vi: 'hãy ghi `protection: masked` hoặc `protection: encrypted`, hoặc bỏ dòng này: phần tử như vậy mặc định là masked',
    },
  },
  MAPPING_DEPRECATED: {
    message: { en: 'D9: {element} is deprecated', vi: 'D9: {element} đã ngừng dùng' },
    hint: {
      en: 'write `element: null` for this column{successor}',
      vi: 'hãy ghi `element: null` cho cột này{successor}',
    },
  },
  MAPPING_TRANSFORM: {
    message: { en: '{reason}', vi: 'phép biến đổi không hợp lệ: {reason}' },
  },
  MAPPING_KEY_REQUIRED: {
    message: { en: '{element} is the code element: it is always required', vi: '{element} là phần tử mã: luôn bắt buộc' },
  },
} as const;
