import { MetricSamples, type Backbone } from '@truc/local-stack';
import pg from 'pg';
import { awaited } from '../harness/awaited.js';
import type { BadInput } from './bad-input-run.js';

/** What a source's database may hold that nobody expects there: each goes to one resident's row, and another row's change must come through behind it. */
export function sourceInputs(backbone: Backbone): BadInput[] {
  const inputs: [string, string][] = [
    ['text of a megabyte', `ho_ten = repeat('a', 1000000)`],
    ['text of ten megabytes', `ho_ten = repeat('a', 10000000)`],
    ['characters that combine', `ho_ten = repeat('e' || U&'\\0302\\0301', 100000)`],
    ['JSON of a megabyte', `dia_chi = json_build_object('so_nha', repeat('a', 1000000))`],
    ['JSON in itself', `dia_chi = (repeat('{"to":', 5000) || '1' || repeat('}', 5000))::json`],
    ['many keys in JSON', `dia_chi = (SELECT json_object_agg('k' || n, n) FROM generate_series(1, 50000) n)`],
    ['__proto__ in JSON', `dia_chi = '{"__proto__":{"so_nha":"1"},"toa_do":[9007199254740993,1e999]}'`],
    ['an array of 100,000', `ten_goi_khac = array_fill('a'::text, ARRAY[100000])`],
    ['a date before Christ', `ngay_sinh = '0044-03-15 BC'`],
    ['a date without end', `ngay_sinh = 'infinity'`],
  ];
  return inputs.map(([name, change]) => ({
    surface: 'source',
    input: name,
    feed: async (signal) => {
      const client = new pg.Client({ connectionString: backbone.databases.population });
      await client.connect();
      try {
        const captured = async (): Promise<number> => {
          const text = await (await fetch(`${backbone.urls['agent-g01'] ?? ''}/metrics`)).text();
          return new MetricSamples([text]).sum('truc_capture_transactions', {}) ?? 0;
        };
        const before = await captured();
        const one = (offset: number): string =>
          `(so_dinh_danh, ma_tinh) = (SELECT so_dinh_danh, ma_tinh FROM dancu.cong_dan ORDER BY 1 LIMIT 1 OFFSET ${offset})`;
        try {
          await client.query(`UPDATE dancu.cong_dan SET ${change} WHERE ${one(0)}`);
        } catch (error) {
          return { told: `the source refuses it: ${(error as { code?: string }).code ?? ''}`, isRight: true };
        }
        await client.query(`UPDATE dancu.cong_dan SET cap_nhat_luc = now() WHERE ${one(1)}`);
        await awaited(`the agent did not come past ${name}`, async () => (await captured()) >= before + 2, signal, 30_000);
        return { told: 'captured, or held in quarantine', isRight: true };
      } finally {
        await client.end();
      }
    },
  }));
}
