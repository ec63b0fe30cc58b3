import type { FindingText } from './finding-text.js';

/** What can be said of a server, its slots and the role that captures. */
export const serverTexts = {
  SERVER_STANDBY: {
    en: 'this server is a standby, which can be captured from PostgreSQL 16 on: check and capture the primary',
    vi: 'máy chủ này là máy dự phòng (standby), chỉ thu nhận được từ PostgreSQL 16: hãy kiểm tra và thu nhận từ máy chính (primary)',
  },
  STANDBY_SOURCE: {
    en: "this server is a standby: the agent's configuration needs primaryUrl beside url. Run the script on the primary, and grant there EXECUTE ON FUNCTION pg_log_standby_snapshot() to the role, or the first start waits for the primary to have something to do",
    vi: 'máy chủ này là máy dự phòng (standby): cấu hình của tác tử cần primaryUrl bên cạnh url. Hãy chạy tập lệnh trên máy chính (primary), và cấp ở đó EXECUTE ON FUNCTION pg_log_standby_snapshot() cho vai trò thu nhận, nếu không lần khởi động đầu phải chờ máy chính có việc để ghi',
  },
  STANDBY_FEEDBACK: {
    en: 'hot_standby_feedback is off: the primary may remove what the slot on this standby still needs, and the slot is lost then',
    vi: 'hot_standby_feedback đang tắt: máy chính có thể xóa những gì khe nhân bản trên máy dự phòng này còn cần, khi đó khe bị mất',
  },
  SERVER_ENCODING: {
    en: 'the database has the encoding SQL_ASCII, so nobody can tell which characters its bytes mean: move it to UTF8',
    vi: 'cơ sở dữ liệu dùng bảng mã SQL_ASCII nên không biết các byte là ký tự gì: hãy chuyển sang UTF8',
  },
  WAL_LEVEL: {
    en: 'wal_level is {current}; logical is needed, and takes effect with a restart of the server',
    vi: 'wal_level là {current}; cần logical, có hiệu lực sau khi khởi động lại máy chủ',
  },
  SLOTS_FREE: {
    en: 'all {max} replication slots are taken: raise max_replication_slots (restart needed), or drop a slot that nobody reads',
    vi: 'cả {max} khe nhân bản (replication slot) đã dùng hết: hãy tăng max_replication_slots (cần khởi động lại), hoặc xóa khe không còn ai đọc',
  },
  SENDERS_FREE: {
    en: '{used} of {max} WAL senders are busy: raise max_wal_senders (restart needed)',
    vi: '{used} trên {max} tiến trình gửi WAL đang bận: hãy tăng max_wal_senders (cần khởi động lại)',
  },
  KEEP_UNLIMITED: {
    en: 'max_slot_wal_keep_size is not set: a slot whose reader is away keeps WAL until the disk is full. With {keepBytes} the slot is given up instead, and its data is loaded anew',
    vi: 'chưa đặt max_slot_wal_keep_size: khi bên đọc vắng mặt, khe nhân bản giữ WAL cho đến khi đầy đĩa. Đặt {keepBytes} thì khe bị bỏ thay vì đầy đĩa, và dữ liệu được nạp lại',
  },
  KEEP_LARGER_THAN_DISK: {
    en: 'max_slot_wal_keep_size allows {keepBytes}, and the disk has {freeBytes} left: lower it to {proposedBytes}, or make room',
    vi: 'max_slot_wal_keep_size cho phép {keepBytes}, trong khi đĩa chỉ còn {freeBytes}: hãy giảm xuống {proposedBytes} hoặc thêm dung lượng',
  },
  KEEP_SHORT: {
    en: 'max_slot_wal_keep_size of {keepBytes} lasts {lastsHours} hours at the present pace: an agent that is away longer has to load everything anew',
    vi: 'max_slot_wal_keep_size {keepBytes} chỉ đủ {lastsHours} giờ theo tốc độ hiện nay: nếu tác tử vắng lâu hơn, phải nạp lại toàn bộ',
  },
  KEEP_LIMIT: {
    en: 'a slot keeps at most {keepBytes} of WAL, then it is given up: it cannot fill the disk with more',
    vi: 'một khe nhân bản giữ tối đa {keepBytes} WAL rồi bị bỏ: không thể làm đầy đĩa hơn mức đó',
  },
  DISK_UNKNOWN: {
    en: "nobody can ask PostgreSQL how much room its disk has: look yourself (df -h at the server's data directory) and check again with --free-disk, as in --free-disk 40GB",
    vi: 'không thể hỏi PostgreSQL đĩa còn bao nhiêu chỗ: hãy tự xem (df -h tại thư mục dữ liệu của máy chủ) rồi kiểm tra lại với --free-disk, ví dụ --free-disk 40GB',
  },
  DISK_FREE: { en: 'the disk has {freeBytes} left', vi: 'đĩa còn trống {freeBytes}' },
  WAL_PACE: {
    en: 'the server writes {dayBytes} of WAL a day, on average over {sinceHours} hours',
    vi: 'máy chủ ghi {dayBytes} WAL mỗi ngày, tính trung bình trong {sinceHours} giờ',
  },
  SLOT_UNREAD: {
    en: 'nobody reads the slot "{place}", and {retainedBytes} of WAL are kept for it: if its reader does not come back, drop it',
    vi: 'không ai đọc khe "{place}" mà máy chủ đang giữ {retainedBytes} WAL cho nó: nếu bên đọc không trở lại, hãy xóa khe',
  },
  SLOT_LOST: {
    en: 'the slot "{place}" has lost its WAL: its data has to be loaded anew',
    vi: 'khe "{place}" đã mất WAL: phải nạp lại dữ liệu',
  },
  TABLES_MANY: {
    en: 'the database has more tables than the {max} that are looked at: name those that matter in a mapping (-f)',
    vi: 'cơ sở dữ liệu có nhiều bảng hơn {max} bảng được khảo sát: hãy nêu các bảng cần thiết trong ánh xạ (-f)',
  },
  ROLE_MISSING: { en: 'there is no role "{place}" to capture with', vi: 'chưa có vai trò "{place}" để thu nhận' },
  ROLE_LOGIN: { en: 'the role "{place}" may not log in', vi: 'vai trò "{place}" không được đăng nhập' },
  ROLE_REPLICATION: {
    en: 'the role "{place}" has not the right REPLICATION, without which it cannot read from a slot',
    vi: 'vai trò "{place}" không có quyền REPLICATION nên không thể đọc khe nhân bản',
  },
  ROLE_SUPERUSER: {
    en: '"{place}" is a superuser, and so is the agent: give it a role of its own (--sql writes it)',
    vi: '"{place}" là superuser, nên tác tử cũng vậy: hãy cấp cho tác tử một vai trò riêng (--sql sẽ viết lệnh)',
  },
  ROLE_MORE: {
    en: '"{place}" may do more than capturing needs: {rights}',
    vi: '"{place}" có nhiều quyền hơn mức thu nhận cần: {rights}',
  },
  CONNECT_MISSING: { en: 'the role "{place}" may not connect to {database}', vi: 'vai trò "{place}" không được kết nối tới {database}' },
  SCHEMA_MISSING: { en: 'the role {role} may not look into the schema {place}', vi: 'vai trò {role} không được truy cập lược đồ {place}' },
} satisfies Record<string, FindingText>;
