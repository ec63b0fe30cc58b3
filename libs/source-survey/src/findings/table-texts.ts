import type { FindingText } from './finding-text.js';

/** What can be said of tables and of the publication. */
export const tableTexts = {
  TABLE_UNKNOWN: {
    en: 'there is no such table (a view cannot be captured): look at its name in the mapping',
    vi: 'không có bảng này (không thể thu nhận khung nhìn): hãy xem lại tên trong ánh xạ',
  },
  COLUMN_UNKNOWN: {
    en: 'there is no column {columns}: look at the mapping',
    vi: 'không có cột {columns}: hãy xem lại ánh xạ',
  },
  COLUMN_GENERATED: {
    en: '{columns} is a generated column, which PostgreSQL sends from version 18 on: compute it in the mapping (transform format), as {generation}',
    vi: '{columns} là cột sinh tự động, PostgreSQL chỉ gửi từ phiên bản 18: hãy tính lại trong ánh xạ (transform format), theo {generation}',
  },
  KEY_MISSING: {
    en: 'no unique index over NOT NULL columns tells its rows apart: it cannot be captured until it has a key',
    vi: 'không có chỉ mục duy nhất trên các cột NOT NULL để phân biệt các dòng: chưa thể thu nhận khi bảng chưa có khóa',
  },
  KEY_OTHER: {
    en: 'the mapping says that ({key}) is the key, and no unique index stands on exactly these NOT NULL columns; there is one on {keys}',
    vi: 'ánh xạ ghi khóa là ({key}), nhưng không có chỉ mục duy nhất trên đúng các cột NOT NULL đó; hiện có {keys}',
  },
  IDENTITY_INDEX: {
    en: 'a delete would not say whose row it was: {columns} have to be in the replica identity. An index over them does it, and costs no more WAL than a key',
    vi: 'lệnh xóa sẽ không cho biết dòng của ai: {columns} phải nằm trong replica identity. Một chỉ mục trên các cột đó là đủ, và chỉ tốn WAL như một khóa',
  },
  IDENTITY_FULL_NEEDED: {
    en: 'a delete would not say whose row it was: {columns} have to be in the replica identity, and cannot be in an index for it (they may be null, or the table is partitioned). The whole old row does it, for about {costBytes} more WAL a day ({changes} changed rows a day); the whole row then goes to the agent, where what is not mapped is left out',
    vi: 'lệnh xóa sẽ không cho biết dòng của ai: {columns} phải nằm trong replica identity mà không lập được chỉ mục phù hợp (có thể rỗng, hoặc bảng phân vùng). Gửi cả dòng cũ thì được, tốn thêm khoảng {costBytes} WAL mỗi ngày ({changes} dòng thay đổi mỗi ngày); khi đó cả dòng tới tác tử, cột không ánh xạ bị bỏ tại đó',
  },
  IDENTITY_FULL: {
    en: 'whole old rows are sent (REPLICA IDENTITY FULL), which costs about {costBytes} of WAL a day; the publication can have no list of columns, so that {others} columns which are not mapped go to the agent and are left out there',
    vi: 'cả dòng cũ được gửi (REPLICA IDENTITY FULL), tốn khoảng {costBytes} WAL mỗi ngày; bộ công bố không thể có danh sách cột nên {others} cột không ánh xạ vẫn tới tác tử và bị bỏ tại đó',
  },
  IDENTITY_FULL_LIST: {
    en: 'PostgreSQL refuses every UPDATE and DELETE of this table now: it has REPLICA IDENTITY FULL and the publication {publication} has a list of columns for it',
    vi: 'PostgreSQL đang từ chối mọi lệnh UPDATE và DELETE trên bảng này: bảng có REPLICA IDENTITY FULL mà bộ công bố {publication} lại có danh sách cột',
  },
  IDENTITY_PARTITIONS: {
    en: 'partitions that are made later do not get REPLICA IDENTITY FULL by themselves: give it to each, or the dataset stops at its first changed row (CAPTURE_OLD_ROW_MISSING)',
    vi: 'phân vùng tạo sau không tự có REPLICA IDENTITY FULL: hãy đặt cho từng phân vùng, nếu không tập dữ liệu dừng ở dòng thay đổi đầu tiên (CAPTURE_OLD_ROW_MISSING)',
  },
  CHILDREN_INDEX: {
    en: 'its rows have their codes in another table and are read again by {columns} when a code changes there; no index begins with these columns, so that each reading goes through the whole table ({rows} rows)',
    vi: 'mã của các dòng nằm ở bảng khác, và khi mã ở đó thay đổi thì các dòng được đọc lại theo {columns}; không chỉ mục nào bắt đầu bằng các cột này, nên mỗi lần đọc phải quét cả bảng ({rows} dòng)',
  },
  TOAST: {
    en: 'large values of {columns} are kept outside their rows ({toastBytes} now): an update that leaves them alone does not send them, and its row is held back until it is read again. With REPLICA IDENTITY FULL they are sent, for about {costBytes} more WAL a day ({changes} changed rows a day)',
    vi: 'giá trị lớn của {columns} được lưu ngoài dòng (hiện {toastBytes}): lệnh cập nhật không đụng tới chúng sẽ không gửi chúng, và dòng bị giữ lại cho đến khi được đọc lại. Với REPLICA IDENTITY FULL chúng được gửi, tốn thêm khoảng {costBytes} WAL mỗi ngày ({changes} dòng thay đổi mỗi ngày)',
  },
  TOAST_NONE_YET: {
    en: '{columns} could hold values so large that an update which leaves them alone does not send them; now there are none',
    vi: '{columns} có thể chứa giá trị lớn đến mức lệnh cập nhật không đụng tới sẽ không gửi; hiện chưa có giá trị nào như vậy',
  },
  NOT_CAPTURED: { en: 'the mapping leaves it out: {reason}', vi: 'ánh xạ không công bố bảng này: {reason}' },
  ROW_SECURITY: {
    en: 'row security hides rows of it from {role}, and a load that lacks rows is refused: a superuser gives the role BYPASSRLS',
    vi: 'bảng có bảo mật mức dòng che bớt dòng đối với {role}, và việc nạp thiếu dòng sẽ bị từ chối: superuser cấp BYPASSRLS cho vai trò',
  },
  SELECT_MISSING: { en: 'the role {role} may not read {columns}', vi: 'vai trò {role} không được đọc {columns}' },
  SELECT_MORE: {
    en: 'the role {role} may read {count} columns that capturing does not need: {columns}',
    vi: 'vai trò {role} đọc được {count} cột mà việc thu nhận không cần: {columns}',
  },
  MAY_WRITE: {
    en: 'the role {role} may change this table; capturing only reads',
    vi: 'vai trò {role} có thể sửa bảng này; việc thu nhận chỉ đọc',
  },
  PUBLICATION_MISSING: { en: 'there is no publication "{place}"', vi: 'chưa có bộ công bố (publication) "{place}"' },
  PUBLICATION_ALL: {
    en: 'the publication "{place}" holds every table of the database, with all columns: the agent gets what no mapping names, and leaves it out',
    vi: 'bộ công bố "{place}" chứa mọi bảng với mọi cột: tác tử nhận cả những gì ánh xạ không nêu rồi bỏ đi',
  },
  PUBLICATION_PARTIAL: {
    en: 'the publication "{place}" leaves out some kinds of changes',
    vi: 'bộ công bố "{place}" bỏ sót một số loại thay đổi',
  },
  PUBLICATION_ROOT: {
    en: 'the publication "{place}" sends partitions under their own names: publish_via_partition_root is needed for {tables}',
    vi: 'bộ công bố "{place}" gửi các phân vùng theo tên riêng: cần publish_via_partition_root cho {tables}',
  },
  PUBLICATION_TABLE: { en: 'the publication {publication} does not hold this table', vi: 'bộ công bố {publication} không có bảng này' },
  PUBLICATION_COLUMNS: {
    en: 'the publication {publication} does not send {columns}',
    vi: 'bộ công bố {publication} không gửi {columns}',
  },
  PUBLICATION_COLUMNS_MORE: {
    en: 'the publication {publication} sends {count} columns that are not mapped: {columns}',
    vi: 'bộ công bố {publication} gửi {count} cột không ánh xạ: {columns}',
  },
  PUBLICATION_FILTER: {
    en: 'the publication {publication} sends only some rows of it: rows that it leaves out look as if they did not exist',
    vi: 'bộ công bố {publication} chỉ gửi một phần các dòng: dòng bị bỏ sẽ như không tồn tại',
  },
  PUBLICATION_TABLE_MORE: {
    en: 'the publication {publication} holds this table, which no mapping names',
    vi: 'bộ công bố {publication} có bảng này mà không ánh xạ nào nêu',
  },
} satisfies Record<string, FindingText>;
