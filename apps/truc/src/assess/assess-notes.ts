import type { Language } from '@truc/kernel';

/** What the words and figures mean. */
export const assessNotes: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'Conforming: rows that capture would publish. Every row was judged by the program that captures, with the same dictionary and mapping, on the day of this report.',
    'State: conforms, no row was found that would be held back; nearly, at most 1 in 100; not yet, more; blocked, the table cannot be captured as it stands, whatever its rows are; not assessed, its rows could not be read. The whole is as its worst table.',
    'Codes. Malformed: no code of its scheme (form, check digit). Unmatched: no code list in force on the row’s day, no register and no parent row has it. Duplicate: rows beyond the first of a code, where the dataset allows one. A row counts once in each.',
    'Codes without a row: things that rows refer to and that the table which should hold them does not. Such rows are published all the same.',
    'A statement is proposed only where it was tried in memory on every row read that it would touch, and left none of them worse; for lost zeros, only where every code became valid. Nothing was run. Indexes, triggers and applications may depend on the text as it is: have it looked at by whoever knows them.',
    'Examples are masked: • hides a character, x and X stand for letters, 9 for a digit. A place such as (12,5) finds the row by ctid until somebody changes it. This page tells nothing of a single person; keep it among your own all the same.',
  ],
  vi: [
    'Phù hợp: dòng sẽ được công bố. Mỗi dòng được kiểm bằng đúng chương trình thu nhận, cùng từ điển và ánh xạ, vào ngày lập báo cáo.',
    'Kết luận: đạt, không thấy dòng nào sẽ bị cách ly; gần đạt, nhiều nhất 1 trên 100; chưa đạt, nhiều hơn; chưa thu nhận được, bảng không thể thu nhận như hiện trạng, dù dữ liệu thế nào; chưa đánh giá được, không đọc được dòng. Kết luận chung lấy theo bảng kém nhất.',
    'Về mã. Sai cấu trúc: không đúng dạng hoặc chữ số kiểm tra. Không khớp: không có trong danh mục còn hiệu lực vào ngày của dòng, trong sổ đăng ký hoặc ở dòng cha. Trùng: các dòng sau dòng đầu tiên của một mã, khi bộ dữ liệu chỉ cho phép một. Mỗi dòng tính một lần ở mỗi loại.',
    'Mã không có bản ghi: đối tượng được tham chiếu nhưng bảng phải chứa nó lại không có. Các dòng này vẫn được công bố.',
    'Một lệnh chỉ được đề xuất khi đã thử trong bộ nhớ trên mọi dòng đã đọc mà nó đụng tới và không dòng nào xấu đi; với số 0 bị mất, chỉ khi mọi mã đều trở nên hợp lệ. Chưa lệnh nào được chạy. Chỉ mục, trigger và ứng dụng có thể phụ thuộc vào văn bản hiện có: hãy để người nắm rõ xem trước.',
    'Ví dụ đã được che: • thay một ký tự, x và X là chữ cái, 9 là chữ số. Vị trí như (12,5) là ctid, tìm được dòng cho đến khi dòng bị sửa. Trang này không nói về riêng một người nào; dù vậy hãy giữ nội bộ.',
  ],
};
