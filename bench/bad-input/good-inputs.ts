import type { Backbone } from '@truc/local-stack';
import { awaited } from '../harness/awaited.js';
import type { BackboneSide } from './backbone-side.js';
import type { BadInput } from './bad-input-run.js';

/** What has to work after everything that did not: every process is ready, and takes the next good schema, document and row. */
export function goodInputs(backbone: Backbone, side: BackboneSide): BadInput[] {
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
    {
      surface: 'afterwards',
      input: 'a good row reaches the general database',
      feed: async (signal) => {
        await side.rowArrives('Nguyễn Thị Sau Cùng', signal);
        return { told: 'it is there', isRight: true };
      },
    },
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
