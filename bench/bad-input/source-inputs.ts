import { awaited } from '../harness/awaited.js';
import type { BackboneSide } from './backbone-side.js';
import type { BadInput } from './bad-input-run.js';

/** What a source's database may hold that nobody expects there: each goes to one resident's row, and another row's change must come through behind it. */
export function sourceInputs(side: BackboneSide): BadInput[] {
  const inputs: [string, string][] = [
    ['text of a megabyte', `ho_ten = repeat('a', 1000000)`],
    ['text of ten megabytes', `ho_ten = repeat('a', 10000000)`],
    ['characters that combine', `ho_ten = repeat('e' || U&'\\0302\\0301', 100000)`],
    ['JSON of a megabyte', `dia_chi = json_build_object('so_nha', repeat('a', 1000000))`],
    ['JSON in itself', `dia_chi = (repeat('{"to":', 5000) || '1' || repeat('}', 5000))::json`],
    ['many keys in JSON', `dia_chi = (SELECT json_object_agg('k' || n, n) FROM generate_series(1, 50000) n)`],
    ['__proto__ in JSON', `dia_chi = '{"__proto__":{"so_nha":"1"},"toa_do":[9007199254740993,1e999]}'`],
    ['an array of 100,000', `ten_goi_khac = array_fill('a'::text, ARRAY[100000])`],
    ['a bigint past 2^53, and a number of a hundred digits', 'so_lon = 9223372036854775807, so_rat_lon = 1e99'],
    ['NUL in JSON', `dia_chi = '{"so_nha":"a\\u0000b"}'`],
    ['a date before Christ', `ngay_sinh = '0044-03-15 BC'`],
    ['a date without end', `ngay_sinh = 'infinity'`],
  ];
  return inputs.map(([name, change]) => ({
    surface: 'source',
    input: name,
    feed: async (signal) => {
      const one = (offset: number): string =>
        `(so_dinh_danh, ma_tinh) = (SELECT so_dinh_danh, ma_tinh FROM dancu.cong_dan ORDER BY 1 LIMIT 1 OFFSET ${offset})`;
      await side.query(
        'population',
        'ALTER TABLE dancu.cong_dan ADD COLUMN IF NOT EXISTS so_lon bigint, ADD COLUMN IF NOT EXISTS so_rat_lon numeric',
      );
      const counts = () =>
        Promise.all([side.counted('agent-g01', 'truc_capture_published', {}), side.counted('agent-g01', 'truc_capture_quarantined', {})]);
      const [published, held] = await counts();
      const since = async () => {
        const [now, heldNow] = await counts();
        return { published: now - published, held: heldNow - held };
      };
      try {
        await side.query('population', `UPDATE dancu.cong_dan SET ${change} WHERE ${one(0)}`);
      } catch (error) {
        const { code = '' } = error as { code?: string };
        return { told: `the source refuses it: ${code}`, isRight: /^22/.test(code) };
      }
      await side.query('population', `UPDATE dancu.cong_dan SET cap_nhat_luc = now() WHERE ${one(1)}`);
      // Both rows come to something: published, or held with a reason.
      const isThrough = async (): Promise<boolean> => {
        const { published: sent, held: kept } = await since();
        return sent + kept >= 2;
      };
      await awaited(`the agent did not come past ${name}`, isThrough, signal, 30_000).catch((error: unknown) => {
        if (signal.aborted) throw error;
      });
      const { published: sent, held: kept } = await since();
      return {
        told: kept > 0 ? 'held in quarantine, the next row published' : 'published, and the next row',
        isRight: sent >= 1 && sent + kept >= 2,
      };
    },
  }));
}
