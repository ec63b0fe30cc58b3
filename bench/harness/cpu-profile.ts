/** The part that we read of what `node --cpu-prof` writes. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Ids of nodes, one for each look. */
  readonly samples: readonly number[];
  /** Microseconds before each of them. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileShare {
  readonly name: string;
  /** Of the time in which the process was not idle. */
  readonly share: number;
}

export interface ProfileShares {
  readonly busySeconds: number;
  /** Functions by the time in them and not in what they call. */
  readonly functions: readonly ProfileShare[];
  /** The same by room of ours, package of others, Node itself. */
  readonly rooms: readonly ProfileShare[];
}

const idle = '(idle)';

/** Where the process's main thread spent its time, the largest share first. */
export function profileShares({ nodes, samples, timeDeltas }: CpuProfile): ProfileShares {
  const byNode = new Map<number, number>();
  samples.forEach((id, index) => byNode.set(id, (byNode.get(id) ?? 0) + (timeDeltas[index] ?? 0)));
  const functions = new Map<string, number>();
  const rooms = new Map<string, number>();
  let busy = 0;
  for (const { id, callFrame } of nodes) {
    const time = byNode.get(id) ?? 0;
    if (time === 0 || callFrame.functionName === idle) continue;
    busy += time;
    const room = roomOf(callFrame.url, callFrame.functionName);
    const file = callFrame.url.replace(/^.*\//, '');
    const name = `${callFrame.functionName || '(anonymous)'}${file === '' ? '' : ` ${room}/${file}:${callFrame.lineNumber + 1}`}`;
    functions.set(name, (functions.get(name) ?? 0) + time);
    rooms.set(room, (rooms.get(room) ?? 0) + time);
  }
  return { busySeconds: busy / 1e6, functions: shares(functions, busy), rooms: shares(rooms, busy) };
}

function shares(times: ReadonlyMap<string, number>, whole: number): ProfileShare[] {
  return [...times].map(([name, time]) => ({ name, share: time / whole })).toSorted((a, b) => b.share - a.share);
}

/** `libs/avro`, `@node-rs/crc32`, `node`, `(garbage collector)`. */
function roomOf(url: string, functionName: string): string {
  const [, inPackage] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  const [, room] = /\/((?:libs|apps)\/[^/]+)\/dist\//.exec(url) ?? [];
  // A room of a copy is reached by a link, or by its path; both end in the same folder.
  if (room !== undefined) return room;
  if (inPackage !== undefined) return inPackage;
  return url === '' && functionName.startsWith('(') ? functionName : 'node';
}
