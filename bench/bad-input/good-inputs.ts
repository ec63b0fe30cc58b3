import type { Backbone } from '@truc/local-stack';
import pg from 'pg';
import { awaited } from '../harness/awaited.js';
import type { BadInput } from './bad-input-run.js';

/** What has to work after everything that did not: every process is ready, and takes the next good schema, document and row. */
export function goodInputs(backbone: Backbone): BadInput[] {
  const headers = { authorization: `Bearer ${backbone.administratorToken}`, 'content-type': 'application/json' };
  const taken = (input: string, app: 'platform' | 'schema-registry', path: string, body: object): BadInput => ({
    surface: 'afterwards',
    input,
    feed: async (signal) => {
      const response = await fetch(`${backbone.urls[app] ?? ''}${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal });
      await response.body?.cancel();
      return { told: String(response.status), isRight: response.status === 200 };
    },
  });
  const text = 'agency: {code: Z98, name: {vi: Cơ quan thử, en: A good one}}\n';
  return [
    taken('a good schema', 'schema-registry', '/subjects/good-value/versions', { schema: '"string"' }),
    taken('a good document', 'platform', '/v1/apply', { files: [{ path: 'good.yaml', text }], dryRun: true }),
    { surface: 'afterwards', input: 'a good row reaches the general database', feed: (signal) => rowArrives(backbone, signal) },
    {
      surface: 'afterwards',
      input: 'every process is ready',
      feed: async (signal) => {
        const names = Object.entries(backbone.urls);
        const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/health/ready`, { signal })).status === 200;
        await awaited(
          'the processes are not ready',
          async () => (await Promise.all(names.map(([, url]) => isReady(url)))).every(Boolean),
          signal,
          30_000,
        );
        return { told: `${names.length} of ${names.length}`, isRight: true };
      },
    },
  ];
}

async function rowArrives({ databases }: Backbone, signal: AbortSignal): Promise<{ told: string; isRight: boolean }> {
  const [source, target] = [databases.population, databases.generalDatabase].map((connectionString) => new pg.Client({ connectionString }));
  if (source === undefined || target === undefined) throw new Error('there are two');
  await source.connect();
  await target.connect();
  try {
    // One that is not held in quarantine, as some of the demo are.
    const { rows } = await target.query<{ code: string }>('SELECT truc_code AS code FROM g01.population_resident ORDER BY 1 DESC LIMIT 1');
    const code = rows[0]?.code;
    await source.query(`UPDATE dancu.cong_dan SET ho_ten = 'Nguyễn Thị Sau Cùng' WHERE so_dinh_danh = $1`, [code]);
    const arrived = async (): Promise<boolean> => {
      const found = await target.query('SELECT 1 FROM g01.population_resident WHERE truc_code = $1 AND person_full_name = $2', [
        code,
        'Nguyễn Thị Sau Cùng',
      ]);
      return found.rowCount === 1;
    };
    await awaited('a good row did not reach the general database', arrived, signal, 60_000);
    return { told: 'it is there', isRight: true };
  } finally {
    await source.end();
    await target.end();
  }
}
