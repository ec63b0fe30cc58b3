import type { Language } from '@truc/kernel';

/** Every text of the quality report, in both languages. */
export const reportText = {
  title: { en: 'Data quality report', vi: 'Báo cáo chất lượng dữ liệu' },
  madeAt: { en: 'made on', vi: 'lập' },
  datasets: { en: 'Datasets', vi: 'Bộ dữ liệu' },
  findings: { en: 'Findings', vi: 'Vi phạm' },
  agency: { en: 'agency', vi: 'cơ quan' },
  dataset: { en: 'dataset', vi: 'bộ dữ liệu' },
  rule: { en: 'rule', vi: 'quy tắc' },
  element: { en: 'element', vi: 'phần tử dữ liệu' },
  held: { en: 'held', vi: 'cách ly' },
  stale: { en: 'stale', vi: 'bản cũ' },
  oldest: { en: 'oldest', vi: 'lâu nhất' },
  judged: { en: 'judged', vi: 'đã kiểm' },
  refused: { en: 'refused', vi: 'từ chối' },
  marked: { en: 'marked', vi: 'đánh dấu' },
  share: { en: 'share', vi: 'tỷ lệ' },
  trend: { en: '14 days', vi: '14 ngày' },
  since: { en: 'since', vi: 'từ' },
  released: { en: 'released', vi: 'giải phóng' },
  reasons: { en: 'reasons', vi: 'lý do' },
  examples: { en: 'examples by form', vi: 'ví dụ (chỉ hiển thị dạng)' },
  nothing: { en: 'No finding.', vi: 'Không có vi phạm.' },
  unanswered: { en: 'Not answered', vi: 'Chưa trả lời' },
  wholeRow: { en: 'whole row', vi: 'cả bản ghi' },
  notes: { en: 'How to read this', vi: 'Cách đọc' },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

/** What the numbers mean, and what they count twice. */
export const reportNotes: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'Held: rows in quarantine now. A row counts under every rule that it breaks. Stale: of these, rows of which consumers keep an earlier version.',
    'Judged, refused, marked and share are counters of the agent since it started. Rows that it sends again after a restart, and rows of a snapshot that is taken again, are counted again; the counters of before are not in them. Share: findings that held or marked a row, of all row messages that were judged.',
    'The 14 days count refused versions of rows as the quarantine log has them, each version once, restarts or not. The log is compacted: beyond 7 days it has a row’s last version only, so that older days are a lower bound.',
    'Examples show the form of a value, never the value: x and X are letters, 9 a digit, <u+00a0> a character that cannot be seen.',
  ],
  vi: [
    'Cách ly: số bản ghi đang bị cách ly. Một bản ghi được tính ở mọi quy tắc mà nó vi phạm. Bản cũ: trong số đó, những bản ghi mà bên nhận vẫn giữ phiên bản trước.',
    'Đã kiểm, từ chối, đánh dấu và tỷ lệ là bộ đếm của tác tử (agent) từ khi khởi động. Bản ghi được gửi lại sau khi khởi động lại, hoặc được chụp lại, bị đếm lại; số đếm trước lần khởi động không còn. Tỷ lệ: số vi phạm làm bản ghi bị giữ hoặc bị đánh dấu trên tổng số bản ghi đã kiểm.',
    'Số liệu 14 ngày đếm các phiên bản bị từ chối theo nhật ký cách ly, mỗi phiên bản một lần, không phụ thuộc khởi động lại. Nhật ký được nén: quá 7 ngày chỉ còn phiên bản cuối của mỗi bản ghi, nên số liệu những ngày cũ hơn là cận dưới.',
    'Ví dụ chỉ cho thấy dạng của giá trị, không bao giờ cho thấy giá trị: x và X là chữ cái, 9 là chữ số, <u+00a0> là ký tự không nhìn thấy.',
  ],
};

/** `2.5 %`, in Vietnamese `2,5 %`; nothing where it is not known. */
export function shareText(share: number | null, language: Language): string {
  if (share === null) return '';
  const percent = share * 100;
  const text = percent > 0 && percent < 0.01 ? '< 0.01' : percent.toFixed(percent < 1 ? 2 : 1);
  return `${language === 'vi' ? text.replace('.', ',') : text} %`;
}

/** A column for each day, as high as its share of the highest day. */
export function trendText(trend: readonly number[]): string {
  const highest = Math.max(...trend, 0);
  return trend.map((rows) => (rows === 0 ? '·' : '▁▂▃▄▅▆▇█'.charAt(Math.ceil((rows / highest) * 8) - 1))).join('');
}
