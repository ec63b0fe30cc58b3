import type { TrucError } from '@truc/kernel';
import { eventually } from '@truc/testing';
import { PublicationWatch } from './publication-watch.js';

describe('the watch of a publication', () => {
  /** A watch over a publication that is as `found` says at each look. */
  function watch(marks: readonly (readonly [string, string | null])[], looks: readonly (Record<string, string> | Error)[]) {
    const told = { missing: 0, interrupted: [] as TrucError[], logged: [] as string[] };
    let looked = 0;
    const look = () => {
      const found = looks[Math.min(looked++, looks.length - 1)]!;
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(new Map(Object.entries(found)));
    };
    const watching = new PublicationWatch(
      { publication: 'pub', marks: new Map(marks), look, intervalMs: 1 },
      {
        onMissing: () => void (told.missing += 1),
        onInterrupted: (error) => void told.interrupted.push(error),
        log: (message) => void told.logged.push(message),
      },
    );
    watching.start();
    return { watching, told, untilLooked: (times: number) => eventually(() => looked > times) };
  }

  it('tells once of a table that is not published, and of nothing else', async () => {
    const { watching, told, untilLooked } = watch(
      [
        ['s.a', '1'],
        ['s.b', '2'],
      ],
      [{ 's.a': '1', 's.c': '9' }],
    );
    await untilLooked(3);
    watching.close();
    expect([told.missing, told.interrupted]).toEqual([1, []]);
    expect([watching.takeMissing(), watching.takeMissing()]).toEqual([
      {
        kind: 'unreadable',
        what: 'snapshot',
        table: 's.b',
        error: expect.objectContaining({ code: 'CAPTURE_TABLE_NOT_PUBLISHED' }) as unknown,
      },
      null,
    ]);
  });

  it.each([
    ['that was put back', '1', [{ 's.a': '1' }, { 's.a': '2' }]],
    ['that was away for so long that it was seen', '1', [{ 's.a': '1' }, {}, { 's.a': '2' }]],
    ['that was not published when the stream began', null, [{}, { 's.a': '1' }]],
  ])('ends the stream for a table %s', async (_, known, looks) => {
    const { watching, told } = watch([['s.a', known]], looks as Record<string, string>[]);
    await eventually(() => told.interrupted.length > 0);
    watching.close();
    expect(told.interrupted[0]).toMatchObject({ code: 'CAPTURE_TABLE_INTERRUPTED', retry: true });
  });

  it('begins the stream anew for partitions that have to be noted, and goes on where nothing has', async () => {
    const { watching, told } = watch([['s.a', '1 parts 7']], [{ 's.a': '1 parts 7' }, { 's.a': '1 parts 7,8' }]);
    await eventually(() => told.interrupted.length > 0);
    watching.close();
    expect(told.interrupted[0]).toMatchObject({ code: 'CAPTURE_PARTITIONS_NOTED', retry: true });
    const other = watch([['s.a', '1 parts 7,8']], [{ 's.a': '1 parts 7,8!' }]);
    await other.untilLooked(3);
    other.watching.close();
    expect(other.told.interrupted).toEqual([]);
  });

  it('looks again where it could not', async () => {
    const { watching, told } = watch([['s.a', '1']], [new Error('gone'), { 's.a': '2' }]);
    await eventually(() => told.interrupted.length > 0);
    await watching.close();
    expect(told.logged).toEqual([expect.stringContaining('gone')]);
  });
});
