import type { Language } from '@truc/kernel';
import type { Assessment } from './assessment.js';

const words = {
  en: {
    head: (source: string, at: string) => [
      `Mending statements for ${source}, from truc source assess at ${at}.`,
      'Nothing of this was run. Read every statement; try it on a copy. Each is a transaction of its own: compare the rows that it tells with those stated here, then COMMIT or ROLLBACK.',
    ],
    rows: (rows: number) => `rows that it touches: ${rows}`,
    atLeast: (rows: number) => `rows that it touches: at least ${rows}, for only a sample was read`,
    referred: (tables: string) => `foreign keys of ${tables} point to this column: change their rows in the same transaction`,
    instead: (transform: string) => `or leave the column as it is, and write in the mapping: transform: ${transform}`,
    none: 'There is no statement that would be right for every row that it touches.',
  },
  vi: {
    head: (source: string, at: string) => [
      `Lệnh sửa dữ liệu cho ${source}, do truc source assess lập lúc ${at}.`,
      'Chưa lệnh nào được chạy. Hãy đọc từng lệnh và thử trên bản sao. Mỗi lệnh là một giao dịch: so số dòng mà nó báo với số nêu ở đây, rồi COMMIT hoặc ROLLBACK.',
    ],
    rows: (rows: number) => `số dòng bị đụng tới: ${rows}`,
    atLeast: (rows: number) => `số dòng bị đụng tới: ít nhất ${rows}, vì chỉ đọc một mẫu`,
    referred: (tables: string) => `khóa ngoại của ${tables} trỏ tới cột này: hãy sửa các dòng đó trong cùng giao dịch`,
    instead: (transform: string) => `hoặc giữ nguyên cột và ghi trong ánh xạ: transform: ${transform}`,
    none: 'Không có lệnh nào đúng cho mọi dòng mà nó đụng tới.',
  },
} as const;

/** Statements of an assessment for a person to read and run. It holds no value of a row, and commits nothing by itself. */
export function mendingScript({ source, datasets, madeAtMs }: Assessment, language: Language): string {
  const text = words[language];
  const parts = datasets.flatMap(({ reading, table, statements }) =>
    statements.map(({ sql, column, rows, referredBy, transform }) => {
      const remarks = [
        `${table}.${column}; ${reading.kind === 'sample' ? text.atLeast(rows) : text.rows(rows)}`,
        ...(referredBy.length === 0 ? [] : [text.referred(referredBy.join(', '))]),
        ...(transform === null ? [] : [text.instead(transform)]),
      ];
      return `${remarks.map((remark) => `-- ${remark}\n`).join('')}BEGIN;\n${sql};\n-- COMMIT;\n-- ROLLBACK;\n`;
    }),
  );
  const head = text.head(source, new Date(madeAtMs).toISOString()).map((line) => `-- ${line}\n`);
  return [head.join(''), ...(parts.length === 0 ? [`-- ${text.none}\n`] : parts)].join('\n');
}
