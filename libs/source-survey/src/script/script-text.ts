import type { Language } from '@truc/kernel';
import type { CapturePlan } from '../capture-plan.js';
import type { DatabaseSurvey } from '../survey.js';
import type { Change, ChangePart } from './change.js';

const heads = {
  server: {
    en: 'Settings of the whole server: by a superuser, or in the console of a managed server. Not inside a transaction.',
    vi: 'Thiết lập của cả máy chủ: do superuser thực hiện, hoặc trên giao diện của dịch vụ quản trị. Không đặt trong giao dịch.',
  },
  index: {
    en: 'Indexes, made while the tables are in use. Not inside a transaction.',
    vi: 'Chỉ mục, được lập trong khi bảng vẫn hoạt động. Không đặt trong giao dịch.',
  },
  database: { en: 'All of this or nothing.', vi: 'Tất cả hoặc không gì cả.' },
} as const;

/** Who may run it, and what it does not do. */
function preface({ server }: DatabaseSurvey, plan: CapturePlan, isUndo: boolean, language: Language): string[] {
  const { database } = server;
  const does = isUndo
    ? { en: `Takes back what Truc needs in the database ${database}`, vi: `Hoàn tác những gì Truc cần trong cơ sở dữ liệu ${database}` }
    : { en: `What Truc needs in the database ${database}`, vi: `Những gì Truc cần trong cơ sở dữ liệu ${database}` };
  const run = {
    en: `Read it, then run it as the owner of the tables with the right to make roles: psql -v ON_ERROR_STOP=1 -d ${database} -f THIS-FILE`,
    vi: `Hãy đọc rồi chạy bằng vai trò sở hữu các bảng và được tạo vai trò: psql -v ON_ERROR_STOP=1 -d ${database} -f TỆP-NÀY`,
  };
  const names = {
    en: `role ${plan.role}, publication ${plan.publication}, slot ${plan.slot}`,
    vi: `vai trò ${plan.role}, bộ công bố ${plan.publication}, khe ${plan.slot}`,
  };
  return [commentOf(`${does[language]}: ${names[language]}.`), commentOf(run[language])];
}

/** One script that a person can review; empty of statements where nothing is missing. */
export function setupScript(survey: DatabaseSurvey, plan: CapturePlan, changes: readonly Change[], language: Language): string {
  const statements = changes.map(({ part, why, sql }) => ({ part, why: why[language], sql }));
  return [...preface(survey, plan, false, language), ...partLines(statements, ['server', 'index', 'database'], language), ''].join('\n');
}

/** The script that undoes the other one, in the opposite order; the slot, which the agent made, goes first. */
export function undoScript(survey: DatabaseSurvey, plan: CapturePlan, changes: readonly Change[], language: Language): string {
  const slot = {
    part: 'database' as const,
    why: language === 'vi' ? 'khe do tác tử tạo; hãy dừng tác tử trước' : 'the slot that the agent made; stop the agent first',
    sql: `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${plan.slot.replaceAll("'", "''")}' AND database = current_database()`,
  };
  // What makes a change of settings take effect comes behind it here too.
  const settings = changes.filter(({ part }) => part === 'server');
  const others = changes.filter(({ part }) => part !== 'server').toReversed();
  const statements = [...others, ...settings].flatMap(({ part, why, undo }) =>
    undo === null ? [] : [{ part, why: why[language], sql: undo }],
  );
  return [
    ...preface(survey, plan, true, language),
    ...partLines([slot, ...statements], ['database', 'index', 'server'], language),
    '',
  ].join('\n');
}

interface Statement {
  readonly part: ChangePart;
  readonly why: string;
  readonly sql: string;
}

function partLines(statements: readonly Statement[], order: readonly ChangePart[], language: Language): string[] {
  return order.flatMap((part) => {
    const own = statements.filter((statement) => statement.part === part);
    if (own.length === 0) return [];
    let said = '';
    const lines = own.flatMap(({ why, sql }) => {
      const comment = why === said ? [] : [commentOf(why)];
      said = why;
      return [...comment, `${sql};`];
    });
    const whole = part === 'database' ? ['BEGIN;', ...lines, 'COMMIT;'] : lines;
    return ['', `-- ${heads[part][language]}`, ...whole];
  });
}

/** On one line whatever is in a name: what came behind a line break would be run. */
function commentOf(text: string): string {
  return `-- ${text.replaceAll(/[\r\n]+/g, ' ')}`;
}
