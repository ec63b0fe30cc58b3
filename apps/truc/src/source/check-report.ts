import type { Problem } from '@truc/coordination';
import { findingSentence, isMissing, type DatabaseSurvey, type Finding, type Severity } from '@truc/source-survey';
import type { Language } from '@truc/kernel';

/** What `truc source check` found. */
export interface CheckReport {
  /** As the documents name it; null where there are none. */
  readonly source: string | null;
  /** `host:port/database`. */
  readonly database: string;
  readonly survey: DatabaseSurvey | null;
  readonly findings: readonly Finding[];
  /** Of the documents: with any, the database was not looked at. */
  readonly problems: readonly Problem[];
}

export function isSound({ findings, problems }: CheckReport): boolean {
  return problems.length === 0 && !findings.some(isMissing);
}

const words = {
  en: {
    severity: { missing: 'MISSING', risk: 'risk', note: 'note' },
    server: 'server',
    surveyed: 'looked at as',
    nothing: 'Nothing is missing.',
    count: (missing: number, risks: number) => `${missing} missing, ${risks} to know about.`,
    documents: (count: number) => `The documents have ${count} problems; the database is looked at when they are mended:`,
  },
  vi: {
    severity: { missing: 'THIẾU', risk: 'lưu ý', note: 'ghi chú' },
    server: 'máy chủ',
    surveyed: 'khảo sát bằng',
    nothing: 'Không thiếu gì.',
    count: (missing: number, risks: number) => `Thiếu ${missing}, cần lưu ý ${risks}.`,
    documents: (count: number) => `Tài liệu có ${count} lỗi; sửa xong mới khảo sát cơ sở dữ liệu:`,
  },
} as const;

/** For a person: what is missing first, each with the statements that mend it. */
export function checkLines(report: CheckReport, language: Language): string[] {
  const { source, database, survey, findings, problems } = report;
  const text = words[language];
  if (problems.length > 0) {
    const lines = problems.flatMap(({ file, line, column, code, message, hint }) => [
      `${file}:${line}:${column}  ${code}`,
      `  ${message}`,
      ...(hint === undefined ? [] : [`  ${hint}`]),
    ]);
    return [text.documents(problems.length), ...lines];
  }
  const head = survey === null ? [] : [`PostgreSQL ${survey.server.version}`, `${text.surveyed} ${survey.surveyor.name}`];
  const width = Math.max(...Object.values(text.severity).map((word) => word.length));
  const lines = findings.flatMap((finding) => [
    `${text.severity[finding.severity].padEnd(width)}  ${finding.place === 'server' ? text.server : finding.place}`,
    `  ${findingSentence(finding, language)}`,
    ...finding.sql.flatMap((sql) => `${sql};`.split('\n').map((line) => `    ${line}`)),
  ]);
  const of = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const verdict = of('missing') === 0 ? text.nothing : text.count(of('missing'), of('risk'));
  return [
    [source ?? '', database, ...head].filter((part) => part !== '').join(' · '),
    '',
    ...lines,
    ...(lines.length === 0 ? [] : ['']),
    verdict,
  ];
}

/** For programs: findings with their sentences, and the facts that they rest on. */
export function checkValue(report: CheckReport, language: Language): unknown {
  const { source, database, survey, findings, problems } = report;
  return {
    verdict: isSound(report) ? 'sound' : 'missing',
    source,
    database,
    problems,
    findings: findings.map((finding) => ({ ...finding, message: findingSentence(finding, language) })),
    server: survey?.server ?? null,
    disk: survey?.disk ?? null,
    role: survey?.role ?? null,
    publication: survey?.publication ?? null,
    tables: survey?.tables.map(({ table, rowsEstimated, bytes, toastBytes }) => ({ table, rowsEstimated, bytes, toastBytes })) ?? [],
  };
}
