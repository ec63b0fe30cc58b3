import type { Bilingual, Language } from '@truc/kernel';
import { upgradeSteps, type UpgradeStanding, type UpgradeStep } from './upgrade-journey.js';
import type { UpgradeRecord } from './upgrade-record.js';

interface StepText {
  readonly who: 'you' | 'truc';
  readonly what: Bilingual;
}

const steps: Readonly<Record<UpgradeStep, StepText>> = {
  look: {
    who: 'truc',
    what: {
      en: 'look at both servers: versions, wal_level, slot, publication',
      vi: 'xem cả hai máy chủ: phiên bản, wal_level, khe, bộ công bố',
    },
  },
  stop: {
    who: 'you',
    what: {
      en: 'stop whatever writes to the old server, and say --writes-stopped',
      vi: 'dừng mọi thứ ghi vào máy chủ cũ, rồi thêm --writes-stopped',
    },
  },
  drain: {
    who: 'truc',
    what: {
      en: 'note the end of the old log, and wait until the agent has confirmed it',
      vi: 'ghi lại điểm cuối nhật ký cũ và chờ tác tử xác nhận đến đó',
    },
  },
  restore: {
    who: 'you',
    what: {
      en: 'dump and restore, make role and publication on the new server, and say --restored',
      vi: 'kết xuất và phục hồi, tạo vai trò và bộ công bố trên máy chủ mới, rồi thêm --restored',
    },
  },
  compare: {
    who: 'truc',
    what: {
      en: 'prove that nothing was lost: nobody wrote since, all of it is confirmed, both hold the same; or name the gap (--accept-gap "why")',
      vi: 'chứng minh không mất gì: không ai ghi thêm, đã xác nhận hết, hai bên giống nhau; nếu không thì nêu tên khoảng hở (--accept-gap "lý do")',
    },
  },
  switch: {
    who: 'you',
    what: {
      en: "write the new address into the file that the agent's url names (no restart), and say --switched: a new epoch begins, with a new slot ahead of the first write",
      vi: 'ghi địa chỉ mới vào tệp mà url của tác tử tham chiếu (không khởi động lại), rồi thêm --switched: một kỷ nguyên mới bắt đầu, với khe mới có trước lần ghi đầu tiên',
    },
  },
  open: {
    who: 'truc',
    what: { en: 'wait until the new slot is there and read; then writes may begin', vi: 'chờ khe mới có và được đọc; sau đó mới cho ghi' },
  },
};

const words = {
  en: {
    who: { you: 'you', truc: 'truc' },
    done: 'done',
    next: 'NEXT',
    later: '',
    held: 'not yet',
    noGap: (end: string, confirmed: string) =>
      `No gap: the old log ended at ${end} and is confirmed to ${confirmed}; nobody wrote since, and both servers hold the same.`,
    gap: 'A gap, by name:',
    finished: 'The new slot is there and read. Let the applications write to the new server now.',
    left: 'Once the old server is not needed: truc source remove --url-file OLD --slot',
  },
  vi: {
    who: { you: 'bạn', truc: 'truc' },
    done: 'xong',
    next: 'TIẾP',
    later: '',
    held: 'chưa được',
    noGap: (end: string, confirmed: string) =>
      `Không có khoảng hở: nhật ký cũ kết thúc ở ${end} và đã xác nhận đến ${confirmed}; không ai ghi thêm, hai máy chủ giống nhau.`,
    gap: 'Có khoảng hở, cụ thể:',
    finished: 'Khe mới đã có và đang được đọc. Bây giờ hãy cho ứng dụng ghi vào máy chủ mới.',
    left: 'Khi không cần máy chủ cũ nữa: truc source remove --url-file CŨ --slot',
  },
} as const;

/** Every step, whose it is, and where the upgrade stands. */
export function planLines(standing: UpgradeStanding | null, language: Language): string[] {
  const text = words[language];
  const at = standing === null ? -1 : standing.next === null ? upgradeSteps.length : upgradeSteps.indexOf(standing.next);
  return upgradeSteps.map((step, index) => {
    const { who, what } = steps[step];
    const state = index < at ? text.done : index === at ? text.next : text.later;
    return `${state.padEnd(6)} ${index + 1}. ${text.who[who]}: ${what[language]}`;
  });
}

export function standingLines(record: UpgradeRecord, standing: UpgradeStanding, language: Language): string[] {
  const text = words[language];
  const { verdict, slot } = record;
  const judged =
    verdict === null
      ? []
      : verdict.kind === 'no gap'
        ? ['', text.noGap(verdict.endLsn, verdict.confirmedLsn)]
        : ['', text.gap, ...verdict.reasons.map((reason) => `  ${reason}`)];
  const held =
    standing.held.length === 0
      ? []
      : ['', `${standing.next === 'compare' ? text.gap : `${text.held}:`}`, ...standing.held.map((one) => `  ${one}`)];
  const sql = standing.next === null ? [] : helpOf(standing.next, record);
  const end = standing.next === null ? ['', text.finished, `${text.left} ${slot}`] : [];
  return [
    ...planLines(standing, language),
    ...judged,
    ...held,
    ...(sql.length === 0 ? [] : ['', ...sql.map((line) => `    ${line}`)]),
    ...end,
  ];
}

/** Statements and commands for the step of a person; what they name stands in the record. */
function helpOf(step: UpgradeStep, { from, publication, fromVersion }: UpgradeRecord): string[] {
  const database = from.slice(from.lastIndexOf('/') + 1);
  const quoted = `"${database.replaceAll('"', '""')}"`;
  switch (step) {
    case 'stop':
      return [
        `ALTER DATABASE ${quoted} SET default_transaction_read_only = on;`,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.replaceAll("'", "''")}' AND pid <> pg_backend_pid() AND backend_type = 'client backend';`,
      ];
    case 'restore':
      return [
        'pg_dumpall --roles-only --dbname=OLD-URL | psql NEW-URL   # what the dump grants is granted to somebody',
        `pg_dump --format=custom --no-publications --no-subscriptions --dbname=OLD-URL --file=upgrade.dump   # of PostgreSQL ${fromVersion.split('.')[0]} or later`,
        'pg_restore --exit-on-error --dbname=NEW-URL upgrade.dump',
        `truc source check --url-file NEW -f documents/ --publication ${publication} --sql truc.sql   # and run truc.sql on the new server`,
      ];
    default:
      return [];
  }
}
