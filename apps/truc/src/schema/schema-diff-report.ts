import type { PolicyEntry } from '@truc/coordination';
import type { Language } from '@truc/kernel';
import { subjectParts } from '@truc/registry';
import { compatibilityReasons, type CompatibilityReason } from './compatibility-reasons.js';
import { printable } from './printable-text.js';
import { schemaDifferences, type SchemaDifference } from './schema-difference.js';
import type { SchemaSide } from './schema-side.js';
import { schemaTouch, type SchemaTouch, type Subscriber } from './schema-touch.js';

/** What two schemas have to do with each other: the same in every format. */
export interface SchemaDiffReport {
  readonly a: string;
  readonly b: string;
  readonly differences: readonly SchemaDifference[];
  /** Why readers of B cannot read what was written with A; empty where they can. */
  readonly bReadsA: readonly CompatibilityReason[];
  /** Why readers of A cannot read what is written with B. */
  readonly aReadsB: readonly CompatibilityReason[];
  /** The level under which the subject's versions follow each other; null where the two are of no one subject. */
  readonly level: string | null;
  /** Whether B could follow A at that level; null without one. */
  readonly compatible: boolean | null;
  /** Null where neither is a schema of a dataset that the platform tells of. */
  readonly touches: SchemaTouch | null;
  /** Why the platform was not asked; null where it was. */
  readonly policyMissing: string | null;
}

/** @param level of the subject that one of the two is of, as the registry tells it */
export function schemaDiffReport(
  a: SchemaSide,
  b: SchemaSide,
  {
    policy,
    policyMissing,
    level,
  }: { readonly policy: readonly PolicyEntry[] | null; readonly policyMissing: string | null; readonly level: string | null },
): SchemaDiffReport {
  const differences = schemaDifferences(a.schema, b.schema);
  const [bReadsA, aReadsB] = [compatibilityReasons(b.schema, a.schema), compatibilityReasons(a.schema, b.schema)];
  const subject = subjectOf(a, b);
  const held = subject === null ? null : subjectParts(subject).isProtected ? 'FULL_TRANSITIVE' : level;
  const dataset = b.dataset ?? a.dataset;
  return {
    a: a.label,
    b: b.label,
    differences,
    bReadsA,
    aReadsB,
    level: held,
    compatible: held === null ? null : allows(held, bReadsA.length === 0, aReadsB.length === 0),
    touches:
      dataset === null || policy === null
        ? null
        : schemaTouch(dataset.name, Math.max(dataset.generation, a.dataset?.generation ?? 0), differences, policy),
    policyMissing,
  };
}

/** The subject of which both are, or could be, versions: a file is of none by itself. */
export function subjectOf(a: SchemaSide, b: SchemaSide): string | null {
  if (a.subject === null || b.subject === null) return a.subject ?? b.subject;
  return a.subject === b.subject ? a.subject : null;
}

function allows(level: string, backward: boolean, forward: boolean): boolean {
  if (level === 'NONE') return true;
  return (level.startsWith('FORWARD') || backward) && (level.startsWith('BACKWARD') || forward);
}

const texts = {
  same: { en: 'the schemas say the same', vi: 'hai lược đồ giống nhau' },
  differences: { en: 'differences', vi: 'khác biệt' },
  bReadsA: { en: 'readers of B read what was written with A', vi: 'bên đọc theo B đọc được dữ liệu ghi theo A' },
  aReadsB: { en: 'readers of A read what is written with B', vi: 'bên đọc theo A đọc được dữ liệu ghi theo B' },
  yes: { en: 'yes', vi: 'được' },
  no: { en: 'no', vi: 'không' },
  canFollow: { en: 'B may follow A at level {0}', vi: 'B có thể kế tiếp A ở mức {0}' },
  cannotFollow: {
    en: 'B may not follow A at level {0}: it takes a new generation of the dataset, or another subject',
    vi: 'B không thể kế tiếp A ở mức {0}: cần một thế hệ mới của bộ dữ liệu, hoặc chủ đề khác',
  },
  mappings: { en: 'mappings', vi: 'ánh xạ' },
  views: { en: 'views', vi: 'khung nhìn' },
  subscribers: { en: 'subscribers', vi: 'bên nhận' },
  touched: { en: 'gets what differs', vi: 'nhận phần khác biệt' },
  untouched: { en: 'gets nothing of what differs', vi: 'không nhận phần khác biệt' },
  notMoved: { en: 'not moved to generation {0} yet', vi: 'chưa chuyển sang thế hệ {0}' },
  allMoved: { en: 'everybody reads generation {0}', vi: 'tất cả đã đọc thế hệ {0}' },
  unmapped: { en: 'no column for {0}', vi: 'chưa có cột cho {0}' },
  nothing: { en: 'nothing of what differs', vi: 'không có phần khác biệt' },
  none: { en: 'none', vi: 'không có' },
  notAsked: { en: 'mappings, views and subscribers were not looked for', vi: 'chưa xem ánh xạ, khung nhìn và bên nhận' },
} as const;

/** For a person. */
export function schemaDiffLines(report: SchemaDiffReport, language: Language): string[] {
  const { a, b, differences, bReadsA, aReadsB, level, compatible, touches, policyMissing } = report;
  return [
    `A: ${printable(a)}`,
    `B: ${printable(b)}`,
    '',
    ...(differences.length === 0 ? [texts.same[language]] : [`${texts.differences[language]}:`, ...differences.map(differenceLine)]),
    '',
    `${texts.bReadsA[language]}: ${bReadsA.length === 0 ? texts.yes[language] : texts.no[language]}`,
    ...bReadsA.map(reasonLine),
    `${texts.aReadsB[language]}: ${aReadsB.length === 0 ? texts.yes[language] : texts.no[language]}`,
    ...aReadsB.map(reasonLine),
    ...(level === null ? [] : [(compatible === true ? texts.canFollow : texts.cannotFollow)[language].replace('{0}', level)]),
    ...(touches === null ? [] : ['', ...touchLines(touches, language)]),
    ...(policyMissing === null ? [] : ['', `${texts.notAsked[language]}: ${policyMissing}`]),
  ];
}

const signs: Partial<Record<SchemaDifference['kind'], string>> = { added: '+', removed: '-' };

function differenceLine({ path, kind, attribute, before, after }: SchemaDifference): string {
  const told =
    kind === 'added'
      ? after
      : kind === 'removed'
        ? before
        : `${kind === 'attribute' ? attribute : kind} ${before || '-'} -> ${after || '-'}`;
  return `  ${signs[kind] ?? '~'} ${printable(`${path}: ${told}`)}`;
}

function reasonLine({ path, message }: CompatibilityReason): string {
  return `  ${printable(`${path}: ${message}`)}`;
}

function touchLines({ dataset, latestGeneration, mappings, views, subscribers, notMoved }: SchemaTouch, language: Language): string[] {
  const subscriber = ({ consumer, contract, generation, target, isTouched }: Subscriber): string =>
    `  ${consumer} (${contract}, v${generation}, ${target}): ${(isTouched ? texts.touched : texts.untouched)[language]}`;
  const latest = String(latestGeneration);
  return [
    `${dataset}`,
    `${texts.mappings[language]}:`,
    ...orNone(
      mappings.map(({ source, table, columns, unmapped }) => {
        const told = [
          ...columns.map(({ column, element }) => `${column} -> ${element}`),
          ...unmapped.map((element) => texts.unmapped[language].replace('{0}', element)),
        ];
        return `  ${source} ${table}: ${told.join(', ') || texts.nothing[language]}`;
      }),
      language,
    ),
    `${texts.views[language]}:`,
    ...orNone(
      views.map(({ topic, generation, fields }) => `  ${topic} (v${generation}): ${fields.join(', ') || texts.nothing[language]}`),
      language,
    ),
    `${texts.subscribers[language]}:`,
    ...orNone(subscribers.map(subscriber), language),
    ...(notMoved.length === 0
      ? [texts.allMoved[language].replace('{0}', latest)]
      : [`${texts.notMoved[language].replace('{0}', latest)}:`, ...notMoved.map(subscriber)]),
  ];
}

function orNone(lines: readonly string[], language: Language): readonly string[] {
  return lines.length === 0 ? [`  ${texts.none[language]}`] : lines;
}
