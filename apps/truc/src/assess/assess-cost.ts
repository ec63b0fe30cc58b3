import type { Language } from '@truc/kernel';
import { captureRowsPerSecond, type CaptureCost } from '@truc/source-survey';

export interface CostLine {
  readonly what: string;
  readonly figure: string;
  readonly assumption: string;
}

/** Each figure beside what it rests on. */
export function costLines({ wal, snapshot }: CaptureCost, language: Language): CostLine[] {
  const isVi = language === 'vi';
  const unknown = isVi ? 'chưa biết' : 'not known';
  const size = (bytes: number): string => sizeText(bytes, language);
  const whole = (value: number): string => new Intl.NumberFormat(isVi ? 'vi-VN' : 'en-GB', { maximumFractionDigits: 0 }).format(value);
  const time = (seconds: number): string => durationText(seconds, language);
  const perDay = (bytes: number): string => (isVi ? `${size(bytes)} mỗi ngày` : `${size(bytes)} a day`);
  const now: CostLine = {
    what: isVi ? 'WAL máy chủ đang ghi' : 'WAL that the server writes now',
    figure: wal.bytesPerDay === null ? unknown : perDay(wal.bytesPerDay),
    assumption:
      wal.countedSeconds === null
        ? isVi
          ? 'máy chủ không có số liệu pg_stat_wal'
          : 'the server has no counts in pg_stat_wal'
        : isVi
          ? `trung bình của pg_stat_wal trong ${time(wal.countedSeconds)}; wal_level = logical ghi thêm ít thông tin cho mỗi thay đổi`
          : `average of pg_stat_wal over ${time(wal.countedSeconds)}; wal_level = logical writes a little more for each change`,
  };
  const full = wal.full.map(({ table, changesPerDay, rowBytes, bytesPerDay }): CostLine => {
    return {
      what: isVi ? `WAL thêm do REPLICA IDENTITY FULL của ${table}` : `WAL added by REPLICA IDENTITY FULL of ${table}`,
      figure: bytesPerDay === null ? unknown : perDay(bytesPerDay),
      assumption: isVi
        ? `${whole(changesPerDay)} dòng sửa hoặc xóa mỗi ngày (pg_stat_user_tables) × ${whole(rowBytes ?? 0)} byte của dòng cũ (pg_stats, và phần lưu ngoài dòng)`
        : `${whole(changesPerDay)} rows updated or deleted a day (pg_stat_user_tables) × ${whole(rowBytes ?? 0)} bytes of the old row (pg_stats, and what lies outside of it)`,
    };
  });
  const kept: CostLine = {
    what: isVi ? 'WAL nhiều nhất một khe giữ lại' : 'WAL that a slot keeps at the most',
    figure: size(wal.keepBytes),
    assumption:
      wal.keepHours === null
        ? isVi
          ? 'max_slot_wal_keep_size hiện có, hoặc mức source check đề xuất'
          : 'max_slot_wal_keep_size as it is set, or as source check proposes it'
        : isVi
          ? `max_slot_wal_keep_size hiện có, hoặc mức source check đề xuất; đủ cho tác tử vắng mặt ${time(wal.keepHours * 3600)}`
          : `max_slot_wal_keep_size as it is set, or as source check proposes it; lasts for ${time(wal.keepHours * 3600)} without the agent`,
  };
  const measured =
    snapshot.measuredRowsPerSecond === null
      ? isVi
        ? 'đọc quá ít dòng để đo ở đây'
        : 'too few rows were read to measure here'
      : isVi
        ? `đo ở đây: ${whole(snapshot.measuredRowsPerSecond)} dòng/giây khi đọc, ánh xạ và kiểm`
        : `measured here: ${whole(snapshot.measuredRowsPerSecond)} rows/s of reading, mapping and judging`;
  const first: CostLine = {
    what: isVi ? 'Lần chụp đầu tiên (snapshot)' : 'First snapshot',
    figure: time(snapshot.seconds),
    assumption: isVi
      ? `${whole(snapshot.rows)} dòng, ${size(snapshot.bytes)}, với ${whole(snapshot.rowsPerSecond)} dòng/giây: mức thấp hơn giữa bench:capture (${whole(captureRowsPerSecond)} dòng/giây, 2 bộ xử lý) và ${measured}`
      : `${whole(snapshot.rows)} rows, ${size(snapshot.bytes)}, at ${whole(snapshot.rowsPerSecond)} rows/s: the lower of bench:capture (${whole(captureRowsPerSecond)} rows/s, 2 processors) and ${measured}`,
  };
  return [now, ...full, kept, first];
}

function sizeText(bytes: number, language: Language): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  const text = value.toFixed(unit === 0 || value >= 100 ? 0 : 1);
  return `${language === 'vi' ? text.replace('.', ',') : text} ${units[unit] ?? ''}`;
}

const spans = [
  { seconds: 86_400, en: 'days', vi: 'ngày' },
  { seconds: 3_600, en: 'hours', vi: 'giờ' },
  { seconds: 60, en: 'minutes', vi: 'phút' },
] as const;

/** `3.5 days`, `40 minutes`, `less than a minute`. */
function durationText(seconds: number, language: Language): string {
  const span = spans.find((one) => seconds >= one.seconds);
  if (span === undefined) return language === 'vi' ? 'dưới một phút' : 'less than a minute';
  const count = seconds / span.seconds;
  const text = count.toFixed(count >= 10 || Number.isInteger(count) ? 0 : 1);
  return `${language === 'vi' ? text.replace('.', ',') : text} ${span[language]}`;
}
