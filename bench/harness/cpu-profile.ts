import { z } from 'zod';

/** The part that we read of a profile of V8. */
export const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  /** Ids of nodes, one for each look. */
  samples: z.array(z.number()),
  /** Microseconds before each of them. */
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.infer<typeof cpuProfile>;

export interface ProfileShare {
  readonly name: string;
  /** Of the time in which the process was not idle. */
  readonly share: number;
}

export interface ProfileShares {
  readonly busySeconds: number;
  /** Functions by the time in them and not in what they call. */
  readonly functions: readonly ProfileShare[];
  /** The same by room of ours or package of others; what Node and V8 did is its caller's. */
  readonly rooms: readonly ProfileShare[];
}

const idle = '(idle)';
const node = 'node';

/** Where a process's main thread spent its time, the largest share first. @param profiles of one process, one after the other */
export function profileShares(profiles: readonly CpuProfile[]): ProfileShares {
  const functions = new Map<string, number>();
  const rooms = new Map<string, number>();
  let busy = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const byNode = new Map<number, number>();
    samples.forEach((id, index) => byNode.set(id, (byNode.get(id) ?? 0) + (timeDeltas[index] ?? 0)));
    const caller = callers(nodes);
    for (const { id, callFrame } of nodes) {
      const time = byNode.get(id) ?? 0;
      if (time === 0 || callFrame.functionName === idle) continue;
      busy += time;
      const room = roomOf(callFrame.url, callFrame.functionName);
      const file = callFrame.url.replace(/^.*\//, '');
      const name = `${callFrame.functionName || '(anonymous)'}${file === '' ? '' : ` ${room}/${file}:${callFrame.lineNumber + 1}`}`;
      functions.set(name, (functions.get(name) ?? 0) + time);
      const asked = room === node ? askedBy(caller, id) : room;
      rooms.set(asked, (rooms.get(asked) ?? 0) + time);
    }
  }
  return { busySeconds: busy / 1e6, functions: shares(functions, busy), rooms: shares(rooms, busy) };
}

function shares(times: ReadonlyMap<string, number>, whole: number): ProfileShare[] {
  return [...times].map(([name, time]) => ({ name, share: time / whole })).toSorted((a, b) => b.share - a.share);
}

interface Caller {
  readonly id: number;
  readonly room: string;
}

/** Who called a node, by the node's id. */
function callers(nodes: CpuProfile['nodes']): ReadonlyMap<number, Caller> {
  return new Map(
    nodes.flatMap(({ id, callFrame, children = [] }) => {
      const caller = { id, room: roomOf(callFrame.url, callFrame.functionName) };
      return children.map((child) => [child, caller] as const);
    }),
  );
}

/** The nearest room above that is not Node itself. */
function askedBy(caller: ReadonlyMap<number, Caller>, id: number): string {
  let above = caller.get(id);
  while (above !== undefined && above.room === node) above = caller.get(above.id);
  return above === undefined || above.room === '(root)' ? node : above.room;
}

/** `libs/avro`, `@node-rs/crc32`, `node`, `(garbage collector)`. */
function roomOf(url: string, functionName: string): string {
  const [, inPackage] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  const [, room] = /\/((?:libs|apps)\/[^/]+)\/dist\//.exec(url) ?? [];
  // A room of a copy is reached by a link, or by its path; both end in the same folder.
  if (room !== undefined) return room;
  if (inPackage !== undefined) return inPackage;
  return url === '' && functionName.startsWith('(') ? functionName : node;
}
