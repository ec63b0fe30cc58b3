import { RegistryRefusal } from '@truc/registry';
import { unavailable } from './database.js';
import { PlainAnswers, RememberedReads } from './remembered-reads.js';

describe('answers that are remembered', () => {
  let nowMs: number;
  let asked: string[];
  let state: 'there' | 'away' | 'gone' | 'frozen';
  let stamp: number | null;
  const remembered = (bytesMax = 1_000) => new RememberedReads(new PlainAnswers(bytesMax), { stamp: () => stamp }, { now: () => nowMs });
  const ask = (key: string) => () => {
    asked.push(key);
    if (state === 'frozen') return new Promise<string>(() => undefined);
    if (state === 'there') return Promise.resolve(`answer ${key}`);
    return Promise.reject(state === 'away' ? unavailable('57P01') : new RegistryRefusal('subjectNotFound', 'gone'));
  };
  const read = (reads: RememberedReads<string, unknown>, key: string) => reads.read(key, ask(key));
  const readFixed = (reads: RememberedReads<string, unknown>, key: string) => reads.readFixed(key, ask(key));
  const away = expect.objectContaining({ errorCode: 50301, retry: true });
  beforeEach(() => {
    nowMs = 1_000_000;
    asked = [];
    state = 'there';
    stamp = 7;
  });

  it('are used only while the database is away, which is asked again after a while', async () => {
    const reads = remembered();
    await read(reads, 'a');
    await read(reads, 'a');
    expect(asked).toEqual(['a', 'a']);
    state = 'away';
    expect([await read(reads, 'a'), await read(reads, 'a')]).toEqual(['answer a', 'answer a']);
    expect(asked).toHaveLength(3);
    await expect(read(reads, 'b')).rejects.toEqual(away);
    nowMs += 2_000;
    state = 'there';
    expect(await read(reads, 'a')).toBe('answer a');
    expect(asked).toHaveLength(5);
  });

  it('are forgotten once they are not true any more', async () => {
    const reads = remembered();
    await read(reads, 'a');
    state = 'gone';
    await expect(read(reads, 'a')).rejects.toMatchObject({ errorCode: 40401 });
    state = 'away';
    await expect(read(reads, 'a')).rejects.toEqual(away);
  });

  it('stand in for a database that does not come back with anything', async () => {
    const reads = remembered();
    await read(reads, 'a');
    state = 'frozen';
    expect(await read(reads, 'a')).toBe('answer a');
  });

  it('are asked for by one caller a second while the database is away, and the others do not wait', async () => {
    const reads = remembered();
    await read(reads, 'a');
    state = 'away';
    await read(reads, 'a');
    nowMs += 1_001;
    state = 'frozen';
    const trying = read(reads, 'a');
    expect(await read(reads, 'a')).toBe('answer a');
    expect(asked).toHaveLength(3);
    expect(await trying).toBe('answer a');
    state = 'there';
    nowMs += 1_001;
    await read(reads, 'a');
    await read(reads, 'a');
    expect(asked).toHaveLength(5);
  });

  it('are asked for by everybody again once the database answers, be it that something is gone', async () => {
    const reads = remembered();
    await read(reads, 'a');
    await read(reads, 'b');
    state = 'away';
    await read(reads, 'a');
    nowMs += 1_001;
    state = 'gone';
    await expect(read(reads, 'a')).rejects.toMatchObject({ errorCode: 40401 });
    await expect(read(reads, 'b')).rejects.toMatchObject({ errorCode: 40401 });
  });

  it('of what an id means are used until that changes, or nobody knows whether it did', async () => {
    const reads = remembered();
    expect(reads.known('a')).toBeUndefined();
    expect([await readFixed(reads, 'a'), await readFixed(reads, 'a'), reads.known('a')]).toEqual(['answer a', 'answer a', 'answer a']);
    expect(asked).toHaveLength(1);
    stamp = 8;
    expect(reads.known('a')).toBeUndefined();
    await readFixed(reads, 'a');
    expect(asked).toHaveLength(2);
    stamp = null;
    expect(reads.known('a')).toBeUndefined();
    await readFixed(reads, 'a');
    expect(asked).toHaveLength(3);
    stamp = 8;
    // What was read while nobody knew is not taken for true.
    expect(reads.known('a')).toBeUndefined();
    state = 'gone';
    await expect(readFixed(reads, 'a')).rejects.toMatchObject({ errorCode: 40401 });
  });

  it('are not kept for what an id means when that changed while it was read', async () => {
    const reads = remembered();
    const reading = reads.readFixed('a', () => {
      stamp = 8;
      return Promise.resolve('before the change');
    });
    expect(await reading).toBe('before the change');
    expect(reads.known('a')).toBeUndefined();
    expect(await readFixed(reads, 'a')).toBe('answer a');
  });

  it('are asked for once by all who want to know at the same time, and anew by those who come after a change', async () => {
    const reads = remembered();
    const answers = Promise.all([readFixed(reads, 'a'), readFixed(reads, 'a')]);
    stamp = 8;
    const later = readFixed(reads, 'a');
    expect([...(await answers), await later]).toEqual(['answer a', 'answer a', 'answer a']);
    expect(asked).toHaveLength(2);
  });

  it('are bounded in bytes: what was used longest ago goes first', async () => {
    const reads = remembered(100);
    for (const key of ['one', 'two', 'three', 'four', 'five']) await read(reads, key);
    state = 'away';
    const kept = await Promise.all(
      ['one', 'two', 'three', 'four', 'five'].map((key) =>
        read(reads, key).then(
          () => 1,
          () => 0,
        ),
      ),
    );
    expect(kept).toEqual([0, 0, 0, 1, 1]);
  });
});
