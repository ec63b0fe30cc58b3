import {
  keptIdentities,
  obstacleText,
  sizeText,
  type CaptureNames,
  type Remnants,
  type RemovalOutcome,
  type RemovalStep,
} from '@truc/source-survey';
import type { Language } from '@truc/kernel';

const words = {
  en: {
    kinds: { slot: 'slot', publication: 'publication', rights: 'rights of', role: 'role' },
    would: 'would be removed',
    removed: 'removed',
    refused: 'PostgreSQL refused',
    lookedFor: 'Looked for, now:',
    there: 'STILL THERE',
    gone: 'not there',
    retained: (size: string) => `the server keeps ${size} of WAL for it`,
    others: (names: string) => `Not asked for, and left alone: ${names}`,
    kept: (table: string) => `The replica identity of ${table} was made for capturing. Its owner takes it back with:`,
    byHand: 'Statements for somebody who may:',
    clean: 'Nothing is left.',
    dirty: 'Something is left.',
    dry: 'Nothing was changed. --yes removes it.',
  },
  vi: {
    kinds: { slot: 'khe', publication: 'bộ công bố', rights: 'quyền của', role: 'vai trò' },
    would: 'sẽ bị gỡ',
    removed: 'đã gỡ',
    refused: 'PostgreSQL từ chối',
    lookedFor: 'Đã tìm lại:',
    there: 'VẪN CÒN',
    gone: 'không còn',
    retained: (size: string) => `máy chủ đang giữ ${size} WAL cho khe này`,
    others: (names: string) => `Không được yêu cầu nên để nguyên: ${names}`,
    kept: (table: string) => `Replica identity của ${table} được đặt để thu nhận. Chủ bảng hoàn tác bằng:`,
    byHand: 'Các lệnh dành cho người có quyền:',
    clean: 'Không còn gì.',
    dirty: 'Vẫn còn thứ chưa gỡ.',
    dry: 'Chưa thay đổi gì. Thêm --yes để gỡ.',
  },
} as const;

function obstacle({ obstacle: why, detail }: RemovalStep, language: Language): string {
  return why === null ? '' : obstacleText[why][language].replace('{detail}', detail);
}

/** What is there, and what would become of it. */
export function planLines(remnants: Remnants, steps: readonly RemovalStep[], language: Language): string[] {
  const text = words[language];
  const lines = steps.flatMap((step) => {
    const { kind, name, sql } = step;
    const size = kind === 'slot' ? Number(remnants.slot?.retainedBytes ?? 0) : 0;
    const held = size > 0 ? `; ${text.retained(sizeText(size, language))}` : '';
    const verdict = step.obstacle === null ? text.would : obstacle(step, language);
    return [`${text.kinds[kind]} ${name}: ${verdict}${held}`, ...sql.map((statement) => `    ${statement};`)];
  });
  return [...lines, ...aside(remnants, language)];
}

function aside(remnants: Remnants, language: Language): string[] {
  const text = words[language];
  return [
    ...(remnants.others.length === 0 ? [] : ['', text.others(remnants.others.join(', '))]),
    ...keptIdentities(remnants).flatMap(({ table, sql }) => ['', text.kept(table), ...sql.map((statement) => `    ${statement};`)]),
  ];
}

export function outcomeLines(outcomes: readonly RemovalOutcome[], language: Language): string[] {
  const text = words[language];
  return outcomes.map(({ step, refused }) => {
    const verdict = refused === null ? text.removed : `${text.refused} (${refused})`;
    return `${text.kinds[step.kind]} ${step.name}: ${verdict}`;
  });
}

/** The proof: what was looked for afterwards, and whether it was found. */
export function proofLines(after: Remnants, steps: readonly RemovalStep[], language: Language): string[] {
  const text = words[language];
  const { names, slot, publication, role, rights } = after;
  const found: Readonly<Record<keyof CaptureNames, boolean>> = {
    slot: slot !== null,
    publication: publication !== null,
    role: role !== null,
  };
  const byHand = steps.flatMap(({ sql }) => sql);
  return [
    text.lookedFor,
    ...(['slot', 'publication', 'role'] as const).map(
      (kind) => `  ${text.kinds[kind]} ${names[kind]}: ${found[kind] ? text.there : text.gone}`,
    ),
    `  ${text.kinds.rights} ${names.role}: ${rights.length > 0 ? text.there : text.gone}`,
    ...(byHand.length === 0 ? [] : [text.byHand, ...byHand.map((statement) => `    ${statement};`)]),
    steps.length === 0 ? text.clean : text.dirty,
  ];
}

export function dryLine(language: Language): string {
  return words[language].dry;
}
