import { topicNames } from '@truc/coordination';
import type { BackboneApp } from '@truc/local-stack';
import { awaited } from '../harness/awaited.js';
import type { BackboneSide } from './backbone-side.js';
import type { BadInput } from './bad-input-run.js';

/** Text that is no entry, no command and no answer of ours. */
const values: readonly [string, Buffer][] = [
  ['no JSON', Buffer.from('{')],
  ['no bytes', Buffer.alloc(0)],
  ['not UTF-8', Buffer.from('{"kind":"\xea"}', 'latin1')],
  ['NUL in text', Buffer.from('{"kind":"agency","code":"Z99","name":{"vi":"a\\u0000","en":"a"}}')],
  ['lists in each other', Buffer.from(`${'['.repeat(400_000)}${']'.repeat(400_000)}`)],
  ['900 KB of nothing', Buffer.from(JSON.stringify({ kind: 'agency', more: Array.from({ length: 225_000 }, () => 1) }))],
  ['__proto__', Buffer.from('{"__proto__":{"kind":"agency"}}')],
  ['an integer past 2^53', Buffer.from('{"kind":"heartbeat","atMs":9007199254740993}')],
  ['an unknown field', Buffer.from('{"kind":"agency","code":"Z99","name":{"vi":"a","en":"a"},"isAdministrator":true}')],
  ['an entry under the key of another', Buffer.from('{"kind":"agency","code":"Z98","name":{"vi":"a","en":"a"}}')],
];

const everybody: readonly BackboneApp[] = [
  'platform',
  'broker-access',
  'schema-registry',
  'agent-g01',
  'agent-g12',
  'distributor',
  'general-database',
];

/** Policy, commands and answers that nobody of ours wrote. An entry is kept out and counted by everybody who reads it; after what is no command or no answer, the agent answers the next one. */
export function policyInputs(side: BackboneSide): BadInput[] {
  const key = Buffer.from('agency/Z99');
  const policy = (surface: string, topic: string, readers: readonly BackboneApp[]): BadInput[] =>
    // An escape of JSON is text like any other; what the platform did not publish it puts right by itself.
    values
      .filter(([name]) => name !== 'NUL in text')
      .map(([name, value]) => ({
        surface,
        input: name,
        feed: async (signal) => {
          const now = () => Promise.all(readers.map((app) => side.counted(app, 'truc_policy_rejected', { topic })));
          const before = await now();
          await side.send(topic, [{ key, value }]);
          const missing = async (): Promise<BackboneApp[]> => {
            const counts = await now();
            return readers.filter((_, index) => (counts[index] ?? 0) <= (before[index] ?? 0));
          };
          await awaited('kept out', async () => (await missing()).length === 0, signal, 20_000).catch((error: unknown) => {
            if (signal.aborted) throw error;
          });
          const left = await missing();
          return {
            told: left.length === 0 ? `kept out by all ${readers.length} readers` : `not told by ${left.join(', ')}`,
            isRight: left.length === 0,
          };
        },
      }));
  const conversation = (surface: string, topic: string): BadInput[] =>
    values.map(([name, value]) => ({
      surface,
      input: name,
      feed: async () => {
        await side.send(topic, [{ key, value }]);
        const answer = await side.command('G01', { command: 'status', source: 'population' });
        return {
          told: answer === null ? 'the agent answers nothing' : 'passed over: the next command is answered',
          isRight: answer?.ok === true,
        };
      },
    }));
  return [
    ...policy('policy topic', topicNames.policyCommon, everybody),
    ...policy('policy of an agency', topicNames.policy('G01'), ['broker-access', 'schema-registry', 'agent-g01']),
    ...policy('policy of principals', topicNames.policyPrincipals, ['broker-access', 'schema-registry']),
    ...conversation('command topic', topicNames.command('G01')),
    ...conversation('reply topic', topicNames.reply('G01')),
  ];
}
