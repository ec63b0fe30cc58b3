import { shippedSchema } from '@truc/change-event';
import { topicNames } from '@truc/coordination';
import type { Backbone, BackboneApp } from '@truc/local-stack';
import { hostileFrames, hostilePlaces } from '@truc/testing';
import { awaited } from '../harness/awaited.js';
import type { BackboneSide, CopiedRecord } from './backbone-side.js';
import type { BadInput } from './bad-input-run.js';
import type { Outcome } from './bad-input-result.js';

const source = 'population';
const quarantineTopic = 'quarantine.g01.population.resident';

/**
 * What our own processes keep in topics and read when they begin: changed, it stops the flow that it belongs to, by its name, for a wrong state would lose changes silently; put right, the flow goes on.
 */
export async function storedInputs(backbone: Backbone, side: BackboneSide, quick: boolean): Promise<BadInput[]> {
  const state = await side.firstOf(topicNames.state('G01'), (key) => key.startsWith('slot/'));
  const held = await side.firstOf(quarantineTopic);
  const progress = await side.firstOf(topicNames.serviceState('distributor'));
  const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
  const good = json(state.value.toString());
  const states: [string, Buffer][] = [
    ['no JSON', Buffer.from('{')],
    ['not UTF-8', Buffer.from('{"sequence":"\xea"}', 'latin1')],
    ['an epoch past 2^53', Buffer.from(JSON.stringify({ ...good, epoch: '?' }).replace('"?"', '9007199254740993'))],
    ['__proto__', Buffer.from(`{"__proto__":${state.value.toString()}}`)],
    ['an unknown field', Buffer.from(JSON.stringify({ ...good, isFirst: true }))],
    ['lists in each other', Buffer.from(`${'['.repeat(400_000)}${']'.repeat(400_000)}`)],
  ];
  const entries: [string, Buffer][] = [
    ...hostileFrames(held.value)
      // Of a schema that is not registered for it, nothing is read: it counts as another kind of entry.
      .filter(({ name }) => !/schema/.test(name))
      .map(({ name, bytes }): [string, Buffer] => [name, bytes]),
    ...onePerName(held.value, shippedSchema('QuarantinedRow')),
  ];
  return [
    // A state that is put right is an old one, and an entry that stands after it is left out unread: so entries come first.
    ...entries
      .slice(0, quick ? 4 : entries.length)
      .map(([name, value]) => stopped('quarantine', name, quarantineTopic, held, value, 'QUARANTINE_ENTRY_INVALID', side)),
    ...states
      .slice(0, quick ? 3 : states.length)
      .map(([name, value]) => stopped('state of an agent', name, topicNames.state('G01'), state, value, 'CAPTURE_STATE_INVALID', side)),
    ...states.slice(0, 1).map(([name, value]) => distributorState(name, progress, value, backbone, side)),
  ];
}

function onePerName(framed: Buffer, schema: string): [string, Buffer][] {
  return [
    ...new Map(
      hostilePlaces(framed, schema).map(({ name, path, bytes }): [string, [string, Buffer]] => [name, [`${name} (${path})`, bytes]]),
    ).values(),
  ];
}

/** The agent's flow is paused, what it reads when it begins is changed, and it is to go on; then all of it is put right. */
function stopped(
  surface: string,
  input: string,
  topic: string,
  record: CopiedRecord,
  value: Buffer,
  code: string,
  side: BackboneSide,
): BadInput {
  const { key, headers } = record;
  return {
    surface,
    input,
    feed: async (signal) => {
      await side.command('G01', { command: 'pause', source });
      const before = side.lines('agent-g01', `"code":"${code}"`);
      await side.send(topic, [{ key, value, headers }]);
      await side.command('G01', { command: 'resume', source });
      const isTold = await toldSince('agent-g01', code, before, side, signal);
      await side.send(topic, [{ ...record }]);
      await side.command('G01', { command: 'resume', source });
      return afterwards(code, isTold, side, signal);
    },
  };
}

/** The distributor has no commands: it is started anew, before and after. */
function distributorState(input: string, record: CopiedRecord, value: Buffer, backbone: Backbone, side: BackboneSide): BadInput {
  const topic = topicNames.serviceState('distributor');
  const code = 'FANOUT_STATE_INVALID';
  return {
    surface: 'state of the distributor',
    input,
    // What a process computes while it starts is no answer to it.
    isServed: false,
    feed: async (signal) => {
      const distributor = backbone.process('distributor');
      const before = side.lines('distributor', `"code":"${code}"`);
      await distributor.stop();
      await side.send(topic, [{ key: record.key, value }]);
      await distributor.start().catch(() => undefined);
      const isTold = await toldSince('distributor', code, before, side, signal);
      await distributor.stop();
      // A tombstone fills the view anew.
      await side.send(topic, [{ key: record.key, value: null }]);
      await distributor.start();
      return afterwards(code, isTold, side, signal);
    },
  };
}

async function toldSince(app: BackboneApp, code: string, before: number, side: BackboneSide, signal: AbortSignal): Promise<boolean> {
  const isTold = (): Promise<boolean> => Promise.resolve(side.lines(app, `"code":"${code}"`) > before);
  await awaited(code, isTold, signal, 20_000).catch((error: unknown) => {
    if (signal.aborted) throw error;
  });
  return isTold();
}

let rows = 0;

async function afterwards(code: string, isTold: boolean, side: BackboneSide, signal: AbortSignal): Promise<Outcome> {
  await side.rowArrives(
    `Nguyễn Văn ${'ABCDEGHIKLMNOPQRSTUVXY'.charAt(rows % 22)}${'abcdeghiklmnopqrstuvxy'.charAt(Math.floor(rows++ / 22) % 22)}`,
    signal,
  );
  return { told: isTold ? `stopped by ${code}; put right, it went on` : `${code} was not told`, isRight: isTold };
}
