import { awaited } from '../harness/awaited.js';
import type { BackboneSide } from './backbone-side.js';
import type { BadInput } from './bad-input-run.js';
import type { MessageChange, WalsenderLine } from './walsender-line.js';

const malformed = 'CAPTURE_MESSAGE_MALFORMED';

/** Where the new row of an update begins: kind, relation, and `N`; an old key or row may stand before it. */
function columnsAt(update: Buffer): number {
  return update.indexOf('N', 5, 'latin1') + 1;
}

const at =
  (place: (message: Buffer) => number, ...bytes: number[]): MessageChange =>
  (message) => {
    const changed = Buffer.from(message);
    Buffer.from(bytes).copy(changed, place(message));
    return changed;
  };

/** What a walsender would never say: a message of pgoutput that was cut, grew, or claims what is not there. The agent stops by name with the place in the log, publishes nothing of it, and goes on once it hears what was said. */
export function wireInputs(line: WalsenderLine, side: BackboneSide): BadInput[] {
  const changes: [string, string, MessageChange, string?][] = [
    ['half of an update', 'U', (message) => message.subarray(0, message.length >> 1)],
    ['an update with surplus bytes', 'U', (message) => Buffer.concat([message, Buffer.alloc(3)])],
    ['an update of a relation that was not told', 'U', at(() => 1, 0x7f, 0xff, 0xff, 0xff), 'CAPTURE_PROTOCOL'],
    ['an update with 32,767 columns', 'U', at(columnsAt, 0x7f, 0xff)],
    ['an update with -1 columns', 'U', at(columnsAt, 0xff, 0xff)],
    ['a value of 2 GiB', 'U', at((message) => columnsAt(message) + 3, 0x7f, 0xff, 0xff, 0xff)],
    ['a value of a negative length', 'U', at((message) => columnsAt(message) + 3, 0x80, 0, 0, 0)],
    ['a value of an unknown kind', 'U', at((message) => columnsAt(message) + 2, 0x78)],
    ['a value that is not UTF-8', 'U', at((message) => columnsAt(message) + 7, 0xff)],
    ['a message of an unknown kind', 'U', at(() => 0, 0x7e)],
    ['an empty message', 'U', () => Buffer.alloc(0)],
    ['a begin that was cut', 'B', (message) => message.subarray(0, 9)],
    ['a commit with surplus bytes', 'C', (message) => Buffer.concat([message, Buffer.alloc(1)])],
  ];
  return changes.map(([name, kind, change, code = malformed], index) => ({
    surface: 'pgoutput',
    input: name,
    feed: async (signal) => {
      const before = side.lines('agent-g01', `"code":"${code}"`);
      const isTold = (): Promise<boolean> => Promise.resolve(side.lines('agent-g01', `"code":"${code}"`) > before);
      line.harm(kind, change);
      try {
        await side.query(
          'population',
          `UPDATE dancu.cong_dan SET cap_nhat_luc = now() WHERE so_dinh_danh = (SELECT min(so_dinh_danh) FROM dancu.cong_dan)`,
        );
        await awaited(code, isTold, signal, 20_000).catch((error: unknown) => {
          if (signal.aborted) throw error;
        });
      } finally {
        line.harm(null);
      }
      const told = await isTold();
      await side.command('G01', { command: 'resume', source: 'population' });
      await side.rowArrives(`Nguyễn Thị ${'ABCDEGHIKLMNOPQ'.charAt(index)}`, signal);
      return { told: told ? `stopped by ${code}; then it went on` : `${code} was not told`, isRight: told };
    },
  }));
}
