import { TrucError } from '@truc/kernel';
import type { Home } from './person.js';
import { query } from './sql.js';

/** Provinces that were there before the merger and after it. */
const provinces = ['01', '79', '31'];

/** Where and when the writers' rows are set: the source's working time, and communes that are in force then. */
export interface SourceScene {
  readonly at: string;
  readonly homes: readonly Home[];
}

/** @throws TrucError CHECKER_SOURCE_FOREIGN where the sources are not the demo's */
export async function readSourceScene(populationUrl: string, administrativeUrl: string): Promise<SourceScene> {
  const [time] = await query<{ at: string }>(
    populationUrl,
    `SELECT to_char(gia_tri::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI:SS') || '+07' AS at FROM dancu.tham_so WHERE ten = 'thoi_diem_lam_viec'`,
  );
  const homes = await query<Home>(
    administrativeUrl,
    `SELECT lpad(ma_tinh::text, 2, '0') AS province, lpad(ma::text, 5, '0') AS commune FROM dvhc.xa
      WHERE den_ngay IS NULL AND lpad(ma_tinh::text, 2, '0') = ANY ($1) ORDER BY ma`,
    [provinces],
  );
  if (time === undefined || homes.length === 0)
    throw new TrucError(
      'CHECKER_SOURCE_FOREIGN',
      'the sources of this backbone are not those of the demo, which the checker writes to: start one with "npm start"',
    );
  return { at: time.at, homes };
}
