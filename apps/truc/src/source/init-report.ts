import type { Problem } from '@truc/coordination';
import type { Language } from '@truc/kernel';
import { sureFrom } from '@truc/mapping-proposal';
import { tableLines } from '../output-format.js';
import type { ProposedTable } from './proposal-documents.js';
import { percent, shortName } from './proposal-words.js';

/** What `truc source init` proposed. Holds no values of rows. */
export interface InitReport {
  readonly database: string;
  readonly tables: readonly ProposedTable[];
  readonly unrecognised: readonly string[];
  readonly files: readonly string[];
  /** What `truc apply` would say of the documents as they were written. */
  readonly problems: readonly Problem[];
}

interface Count {
  readonly sure: number;
  readonly unsure: number;
  readonly nothing: number;
}

function countOf({ proposal }: ProposedTable): Count {
  const best = proposal.columns.map(({ proposals }) =>
    proposals.length === 0 ? null : Math.min(...proposals.map(({ confidence }) => confidence)),
  );
  return {
    sure: best.filter((confidence) => confidence !== null && confidence >= sureFrom).length,
    unsure: best.filter((confidence) => confidence !== null && confidence < sureFrom).length,
    nothing: best.filter((confidence) => confidence === null).length,
  };
}

const heads = {
  en: ['TABLE', 'DATASET', 'SURE', 'LOOK', 'NOTHING', 'CODE', 'PUBLISH'],
  vi: ['BẢNG', 'TẬP DỮ LIỆU', 'CHẮC', 'CẦN XEM', 'KHÔNG RÕ', 'MÃ', 'CÔNG BỐ'],
} as const;

const words = {
  en: {
    yes: 'yes',
    no: 'no',
    unrecognised: (tables: string) => `Nothing was recognised in: ${tables}`,
    written: (files: string) => `Written: ${files}. What a person should look at is marked with LOOK.`,
    problems: (count: number) => `truc apply would still refuse ${count} things:`,
    sound: 'truc apply --dry-run has nothing against the documents as they are.',
  },
  vi: {
    yes: 'có',
    no: 'không',
    unrecognised: (tables: string) => `Không nhận ra gì trong: ${tables}`,
    written: (files: string) => `Đã ghi: ${files}. Chỗ cần người xem được đánh dấu CẦN XEM.`,
    problems: (count: number) => `truc apply còn từ chối ${count} điểm:`,
    sound: 'truc apply --dry-run không phản đối gì các tài liệu này.',
  },
} as const;

export function initLines({ tables, unrecognised, files, problems }: InitReport, database: string, language: Language): string[] {
  const text = words[language];
  const rows = tables.map((table) => {
    const { proposal, subject, publish } = table;
    const { sure, unsure, nothing } = countOf(table);
    const { identification } = proposal;
    const code =
      identification === null
        ? '-'
        : `${identification.column} = ${shortName(identification.element)} ${percent(identification.confidence)}`;
    return [proposal.table.table, `${database}.${subject}`, `${sure}`, `${unsure}`, `${nothing}`, code, publish ? text.yes : text.no];
  });
  return [
    ...tableLines(heads[language], rows),
    ...(unrecognised.length === 0 ? [] : ['', text.unrecognised(unrecognised.join(', '))]),
    ...(files.length === 0 ? [] : ['', text.written(files.join(', '))]),
    ...(problems.length === 0 ? [text.sound] : [text.problems(problems.length)]),
    ...problems.map(({ file, line, column, message }) => `  ${file}:${line}:${column}: ${message}`),
  ];
}

export function initValue({ database, tables, unrecognised, files, problems }: InitReport): unknown {
  return {
    database,
    files,
    unrecognised,
    problems,
    tables: tables.map(({ proposal, subject, publish, refused }) => ({
      table: proposal.table.table,
      subject,
      publish,
      refused,
      group: proposal.group,
      identification: proposal.identification,
      columns: proposal.columns,
    })),
  };
}
