import type { Bilingual, Language } from '@truc/kernel';
import type { AssessedDataset, Assessment, DatasetState } from './assessment.js';

/** Every word of the assessment, in both languages. */
export const assessText = {
  title: {
    en: 'How ready a database is for the shared data dictionary',
    vi: 'Mức sẵn sàng chuẩn hóa dữ liệu theo từ điển dữ liệu dùng chung',
  },
  madeAt: { en: 'made on', vi: 'lập' },
  source: { en: 'source', vi: 'nguồn' },
  readAs: { en: 'read as', vi: 'đọc bằng vai trò' },
  release: { en: 'dictionary release', vi: 'bản phát hành từ điển' },
  mapping: { en: 'mapping', vi: 'ánh xạ' },
  datasets: { en: 'Datasets', vi: 'Bộ dữ liệu' },
  elements: { en: 'Conformance by element and rule', vi: 'Mức phù hợp theo phần tử và quy tắc' },
  findings: { en: 'Findings', vi: 'Vi phạm' },
  unmatched: { en: 'Codes without a row in their own database', vi: 'Mã không có bản ghi tương ứng trong chính cơ sở dữ liệu' },
  statements: { en: 'Mending statements, run by nobody yet', vi: 'Lệnh SQL đề xuất để sửa, chưa lệnh nào được chạy' },
  cost: { en: 'What capturing would cost', vi: 'Chi phí dự kiến khi thu nhận' },
  leftOut: { en: 'Tables without a dataset', vi: 'Bảng không thuộc bộ dữ liệu nào' },
  notes: { en: 'How to read this', vi: 'Cách đọc' },
  dataset: { en: 'dataset', vi: 'bộ dữ liệu' },
  table: { en: 'table', vi: 'bảng' },
  state: { en: 'state', vi: 'kết luận' },
  read: { en: 'rows read', vi: 'số dòng đã đọc' },
  conforming: { en: 'conforming', vi: 'phù hợp' },
  missing: { en: 'codes missing', vi: 'thiếu mã' },
  malformed: { en: 'malformed', vi: 'mã sai cấu trúc' },
  unmatchedCodes: { en: 'unmatched', vi: 'mã không khớp' },
  duplicate: { en: 'duplicate', vi: 'mã trùng' },
  columns: { en: 'columns mapped', vi: 'cột đã ánh xạ' },
  confidence: { en: 'confidence', vi: 'độ tin cậy' },
  element: { en: 'element', vi: 'phần tử dữ liệu' },
  column: { en: 'column', vi: 'cột' },
  filled: { en: 'filled', vi: 'có giá trị' },
  rules: { en: 'rows by rule', vi: 'số dòng theo quy tắc' },
  rule: { en: 'rule', vi: 'quy tắc' },
  rows: { en: 'rows', vi: 'số dòng' },
  share: { en: 'share', vi: 'tỷ lệ' },
  reasons: { en: 'reasons', vi: 'lý do' },
  examples: { en: 'examples, masked', vi: 'ví dụ (đã che)' },
  home: { en: 'should be in', vi: 'phải có trong' },
  statement: { en: 'statement', vi: 'lệnh' },
  instead: { en: 'or in the mapping', vi: 'hoặc trong ánh xạ' },
  what: { en: 'what', vi: 'hạng mục' },
  figure: { en: 'figure', vi: 'ước tính' },
  assumption: { en: 'on what it rests', vi: 'giả định' },
  reason: { en: 'reason', vi: 'lý do' },
  passes: { en: 'passes, marked', vi: 'vẫn công bố, có đánh dấu' },
  notTold: { en: 'not told', vi: 'không xác định' },
  nothing: { en: 'No finding.', vi: 'Không có vi phạm.' },
  noStatement: {
    en: 'There is no statement that would be right for every row that it touches.',
    vi: 'Không có lệnh nào đúng cho mọi dòng mà nó đụng tới.',
  },
  notMapped: { en: 'not in the mapping', vi: 'không có trong ánh xạ' },
  referredBy: { en: 'referred to by', vi: 'được tham chiếu từ' },
  preparedBy: { en: 'Prepared by', vi: 'Người lập' },
  headOf: { en: 'Head of the agency', vi: 'Thủ trưởng cơ quan' },
  signature: { en: '(signature, full name)', vi: '(ký, ghi rõ họ tên)' },
  seal: { en: '(signature, full name, seal)', vi: '(ký, ghi rõ họ tên, đóng dấu)' },
  placeAndDay: { en: '…………………, on ……/……/20……', vi: '…………………, ngày …… tháng …… năm 20……' },
  digest: { en: 'SHA-256 of the figures (-o json, field digest)', vi: 'SHA-256 của số liệu (-o json, trường digest)' },
} as const satisfies Record<string, Bilingual>;

export type AssessWord = keyof typeof assessText;

const states: Readonly<Record<DatasetState, Bilingual>> = {
  conforms: { en: 'conforms', vi: 'đạt' },
  nearly: { en: 'nearly', vi: 'gần đạt' },
  far: { en: 'not yet', vi: 'chưa đạt' },
  blocked: { en: 'blocked', vi: 'chưa thu nhận được' },
  'not-assessed': { en: 'not assessed', vi: 'chưa đánh giá được' },
};

export function stateText(state: DatasetState, language: Language): string {
  return states[state][language];
}

/** What the whole comes to, in sentences. */
export function verdictLines({ datasets, daysLeft, state, listsNotLoaded, mapping }: Assessment, language: Language): string[] {
  const isVi = language === 'vi';
  const number = (value: number): string => new Intl.NumberFormat(isVi ? 'vi-VN' : 'en-GB').format(value);
  const conform = datasets.filter((one) => one.state === 'conforms').length;
  const rows = sum(datasets, ({ rowsRead }) => rowsRead);
  const held = rows - sum(datasets, ({ conforming }) => conforming.rows);
  const mended = sum(datasets, ({ statements }) => statements.reduce((of, one) => of + one.rows, 0));
  const term = isVi
    ? daysLeft >= 0
      ? `Còn ${number(daysLeft)} ngày đến hạn 31/12/2026.`
      : `Đã quá hạn 31/12/2026 ${number(-daysLeft)} ngày.`
    : daysLeft >= 0
      ? `${number(daysLeft)} days are left until 31 December 2026.`
      : `The term ended on 31 December 2026, ${number(-daysLeft)} days ago.`;
  const verdict = {
    en: {
      conforms: 'READY',
      nearly: 'NEARLY READY',
      far: 'NOT READY YET',
      blocked: 'NOT READY YET',
      'not-assessed': 'NOT ALL COULD BE ASSESSED',
    },
    vi: {
      conforms: 'ĐÃ SẴN SÀNG',
      nearly: 'GẦN SẴN SÀNG',
      far: 'CHƯA SẴN SÀNG',
      blocked: 'CHƯA SẴN SÀNG',
      'not-assessed': 'CHƯA ĐÁNH GIÁ ĐƯỢC HẾT',
    },
  }[language][state];
  const counts = isVi
    ? `${conform} trên ${datasets.length} bộ dữ liệu đạt; trong ${number(rows)} dòng đã đọc, ${number(held)} dòng sẽ bị cách ly.`
    : `${conform} of ${datasets.length} datasets conform; of ${number(rows)} rows that were read, ${number(held)} would be held back.`;
  const work =
    mended === 0
      ? isVi
        ? 'Không có lệnh SQL nào đúng cho mọi dòng: từng vi phạm cần người xử lý.'
        : 'No statement would be right for every row: each finding needs a person.'
      : isVi
        ? `Các lệnh đề xuất sửa được ${number(mended)} giá trị; phần còn lại cần người xử lý.`
        : `The statements proposed mend ${number(mended)} values; what is left needs a person.`;
  const lists = isVi
    ? `Chưa kiểm được theo các danh mục chưa có mã: ${listsNotLoaded.join(', ')}.`
    : `Nothing was judged by code lists that have no codes here: ${listsNotLoaded.join(', ')}.`;
  const proposed = isVi
    ? 'Số liệu dựa trên một ánh xạ được đề xuất tự động: chỉ là cái nhìn đầu tiên, chưa phải kết luận.'
    : 'The figures rest on a mapping that was proposed and that nobody has looked at: a first look, and no verdict yet.';
  return [
    `${verdict}. ${term}`,
    ...(mapping.kind === 'proposed' ? [proposed] : []),
    counts,
    ...(held === 0 ? [] : [work]),
    ...(listsNotLoaded.length === 0 ? [] : [lists]),
  ];
}

/** Where the mapping comes from. */
export function originText({ mapping }: Assessment, language: Language): string {
  if (mapping.kind === 'given') return mapping.place;
  const { sure, unsure } = mapping;
  return language === 'vi'
    ? `được đề xuất tự động, chưa có người xem: ${sure} mục chắc (từ 75 %), ${unsure} mục chưa chắc`
    : `proposed and looked at by nobody: ${sure} entries are sure (75 % and more), ${unsure} are not`;
}

/** How much of the tables was read, where it was not all of them. */
export function readingText(datasets: readonly AssessedDataset[], language: Language): string | null {
  const plans = datasets.flatMap(({ reading }) => (reading.kind === 'sample' ? [reading] : []));
  const [first] = plans;
  if (first === undefined) return null;
  return language === 'vi'
    ? `${plans.length} bảng được đọc theo mẫu ngẫu nhiên các trang (TABLESAMPLE SYSTEM, REPEATABLE ${first.seed}); tỷ lệ kèm khoảng tin cậy 95 %, số dòng là của mẫu. --full đọc toàn bộ.`
    : `Of ${plans.length} ${plans.length === 1 ? 'table' : 'tables'} only a part was read, by a random sample of pages (TABLESAMPLE SYSTEM, REPEATABLE ${first.seed}); shares have their 95 % confidence interval, and counts are those of the sample. --full reads everything.`;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
