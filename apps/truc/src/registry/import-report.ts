import type { Language } from '@truc/kernel';
import { printable } from '../schema/printable-text.js';
import type { Difference } from './import-check.js';
import type { Conflict, HeldVersion } from './import-plan.js';
import type { HeldSetting } from './import-run.js';

/** What an import did, or would do: the same in every format. */
export interface ImportReport {
  /** `refused`: nothing was written. `held`: all but some was. `differs`: what was read back is not what was written. `planned`: a dry run. */
  readonly verdict: 'imported' | 'held' | 'refused' | 'differs' | 'planned';
  readonly source: string;
  readonly target: string;
  readonly versions: {
    readonly inSource: number;
    /** There before this run. */
    readonly present: number;
    readonly registered: number;
    readonly deletedSoftly: number;
    /** Read back, the same byte for byte. */
    readonly verified: number;
    /** Read back, the same schema in this registry's spelling, with another GUID. */
    readonly respelled: number;
  };
  readonly conflicts: readonly Conflict[];
  readonly held: readonly HeldVersion[];
  readonly heldSettings: readonly HeldSetting[];
  readonly differences: readonly Difference[];
  /** Contexts of the source that were not asked for. */
  readonly leftOut: readonly string[];
  /** Of all, or of the context that was filled, now. */
  readonly mode: string;
}

const shownMax = 20;

const texts = {
  refused: { en: 'nothing was written', vi: 'chưa ghi gì' },
  foreign: {
    en: 'the registry is not empty: it has subjects that are not of the source. Take an empty one, or give what comes a context of its own with --into-context',
    vi: 'sổ đăng ký không rỗng: có các chủ đề không thuộc nguồn. Hãy dùng một sổ đăng ký rỗng, hoặc đưa dữ liệu vào một ngữ cảnh riêng bằng --into-context',
  },
  held: { en: 'versions that stay behind: {0}', vi: 'phiên bản bị giữ lại: {0}' },
  heldSettings: { en: 'settings that are not taken', vi: 'cài đặt không được nhận' },
  differences: { en: 'read back otherwise than meant', vi: 'đọc lại khác với dự định' },
  again: {
    en: 'somebody changes one of the registries at this moment: make the source read-only (PUT /mode) and run the same command again',
    vi: 'một trong hai sổ đăng ký đang bị thay đổi: đặt nguồn ở chế độ chỉ đọc (PUT /mode) rồi chạy lại lệnh này',
  },
  leftOut: { en: 'contexts of the source that were left out', vi: 'ngữ cảnh của nguồn bị bỏ qua' },
  readOnly: {
    en: 'it is {0} now, as the source was; --read-write opens it, or PUT /mode later',
    vi: 'hiện ở chế độ {0} như nguồn; dùng --read-write để mở, hoặc PUT /mode sau',
  },
} as const;

/** For a person. */
export function importLines(report: ImportReport, language: Language): string[] {
  const { conflicts, held, heldSettings, differences, leftOut, mode, verdict } = report;
  const foreign = conflicts.filter(({ kind }) => kind === 'foreign');
  return [
    ...some(conflicts.filter(({ kind }) => kind !== 'foreign').map((each) => conflictText(each, language))),
    ...(foreign.length === 0 ? [] : [`${texts.foreign[language]}:`, ...some(foreign.map((each) => conflictText(each, language)))]),
    ...section(texts.held[language].replace('{0}', String(held.length)), held.flatMap(heldLines)),
    ...section(
      texts.heldSettings[language],
      heldSettings.map(({ name, what, reason }) => `${what} ${name || '*'}: ${reason}`),
    ),
    ...section(
      texts.differences[language],
      differences.map(({ where, what }) => `${where} ${what}`),
    ),
    ...(differences.length === 0 ? [] : [texts.again[language]]),
    ...section(texts.leftOut[language], leftOut),
    ...(mode === 'READWRITE' || verdict === 'planned' || verdict === 'refused' ? [] : [texts.readOnly[language].replace('{0}', mode)]),
    printable(summary(report, language)),
  ];
}

function summary({ verdict, versions, held, target, conflicts }: ImportReport, language: Language): string {
  const { inSource, present, registered, deletedSoftly, verified, respelled } = versions;
  if (verdict === 'refused')
    return language === 'vi'
      ? `${texts.refused.vi}: ${conflicts.length} xung đột`
      : `${texts.refused.en}: ${conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`}`;
  if (verdict === 'planned')
    return language === 'vi'
      ? `${inSource} phiên bản ở nguồn: ${present} đã có, ${registered} sẽ đăng ký, ${deletedSoftly} sẽ xóa mềm, ${held.length} bị giữ lại; chưa ghi gì`
      : `${inSource} versions in the source: ${present} are there, ${registered} would be registered, ${deletedSoftly} deleted softly, ${held.length} stay behind; nothing was written`;
  const other =
    respelled === 0 ? '' : language === 'vi' ? `, ${respelled} theo cách viết ở đây` : `, ${respelled} in the spelling that is kept here`;
  return language === 'vi'
    ? `${target}: ${inSource} phiên bản ở nguồn, ${present} đã có, ${registered} vừa đăng ký, ${deletedSoftly} vừa xóa mềm; đọc lại đúng từng byte ${verified}${other}`
    : `${target}: ${inSource} versions in the source, ${present} were there, ${registered} registered, ${deletedSoftly} deleted softly; ${verified} read back byte for byte${other}`;
}

function heldLines({ subject, version, id, reason, violations }: HeldVersion): string[] {
  return [
    `${subject} ${version}${id === null ? '' : ` (id ${id})`}: ${reason}`,
    ...violations.map(({ rule, path, expected, found, hint }) => `- ${rule} ${path}: ${expected} <> ${found}. ${hint}`),
  ];
}

function conflictText(conflict: Conflict, language: Language): string {
  const { subject } = conflict;
  if (language === 'vi') {
    switch (conflict.kind) {
      case 'foreign':
        return `${subject}: ${conflict.versions} phiên bản`;
      case 'version':
        return `phiên bản ${conflict.version} của ${subject} đã có và là lược đồ khác (id ${conflict.idThere}, nguồn có ${conflict.id})`;
      case 'id':
        return `id ${conflict.id} (phiên bản ${conflict.version} của ${subject}) đã thuộc lược đồ khác: ${conflict.heldBy}`;
      case 'source':
        return `nguồn dùng id ${conflict.id} cho hai lược đồ: phiên bản ${conflict.version} của ${subject} và ${conflict.heldBy}`;
    }
  }
  switch (conflict.kind) {
    case 'foreign':
      return `${subject}: ${conflict.versions === 1 ? '1 version' : `${conflict.versions} versions`}`;
    case 'version':
      return `version ${conflict.version} of ${subject} is there and is another schema (id ${conflict.idThere}, ${conflict.id} in the source)`;
    case 'id':
      return `id ${conflict.id} (version ${conflict.version} of ${subject}) is taken by another schema: ${conflict.heldBy}`;
    case 'source':
      return `the source has two schemas of id ${conflict.id}: version ${conflict.version} of ${subject} and ${conflict.heldBy}`;
  }
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title.includes(':') ? title : `${title}:`, ...some(lines)];
}

/** A terminal holds no ten thousand lines: `-o json` has all of them. */
function some(lines: readonly string[]): string[] {
  const shown = lines.slice(0, shownMax).map((line) => `  ${printable(line)}`);
  return lines.length <= shownMax ? shown : [...shown, `  ... ${lines.length - shownMax} (-o json)`];
}
