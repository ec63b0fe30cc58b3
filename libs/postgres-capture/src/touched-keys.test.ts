import { TouchedKeys } from './touched-keys.js';
import { parseSnapshot } from './transaction-snapshot.js';

const table = 'public.person';
const UNKNOWN_BELOW = 100n;
const keysOf = (limit = 1_000_000) => new TouchedKeys(new Set([table]), UNKNOWN_BELOW, limit);

describe('touched keys', () => {
  it('marks what a transaction touched that the chunk does not see, and only that', () => {
    const touched = keysOf();
    touched.begin(110);
    touched.touch(table, 'a');
    touched.touch('public.other', 'x');
    touched.begin(111);
    touched.touch(table, 'b');
    const snapshot = parseSnapshot('110:112:110');
    touched.settle(snapshot);
    const verdict = touched.judge(snapshot, table);
    expect(['a', 'b', 'x'].map((key) => verdict.kind === 'usable' && verdict.isTouched(key))).toEqual([true, false, false]);
  });

  it('keeps keys over chunks until a snapshot sees the transaction', () => {
    const touched = keysOf();
    touched.begin(110);
    touched.touch(table, 'a');
    for (const text of ['110:120:110', '110:130:110']) {
      touched.settle(parseSnapshot(text));
      const verdict = touched.judge(parseSnapshot(text), table);
      expect(verdict.kind === 'usable' && verdict.isTouched('a')).toBe(true);
    }
    touched.settle(parseSnapshot('131:131:'));
    expect(touched.bytesHeld).toBe(0);
  });

  it('counts an id at or above xmax as not seen', () => {
    const touched = keysOf();
    const snapshot = parseSnapshot('110:110:');
    touched.settle(snapshot);
    touched.begin(115);
    touched.touch(table, 'a');
    const verdict = touched.judge(snapshot, table);
    expect(verdict.kind === 'usable' && verdict.isTouched('a')).toBe(true);
  });

  it('takes a truncate for every key', () => {
    const touched = keysOf();
    touched.begin(110);
    touched.truncate(table);
    touched.touch(table, 'a');
    const verdict = touched.judge(parseSnapshot('110:111:110'), table);
    expect(verdict.kind === 'usable' && verdict.isTouched('anything')).toBe(true);
  });

  it('does not judge while a transaction is unseen that was open before the stream, though the stream has carried what it has of it', () => {
    const touched = keysOf();
    const snapshot = parseSnapshot('90:120:90');
    expect(touched.judge(snapshot, table)).toEqual({ kind: 'unusable', waitingFor: [90n] });
    touched.begin(90);
    touched.touch(table, 'a');
    expect(touched.judge(snapshot, table)).toEqual({ kind: 'unusable', waitingFor: [90n] });
    expect(touched.judge(parseSnapshot('120:120:'), table).kind).toBe('usable');
  });

  it('gives up keys above its limit and asks for a later chunk', () => {
    const touched = keysOf(2_000);
    touched.begin(150);
    for (let i = 0; i < 100; i++) touched.touch(table, `key ${i}`);
    expect(touched.bytesHeld).toBeLessThanOrEqual(2_000);
    expect(touched.judge(parseSnapshot('110:200:150'), table).kind).toBe('unusable');
    expect(touched.judge(parseSnapshot('110:150:'), table).kind).toBe('unusable');
    expect(touched.judge(parseSnapshot('151:200:'), table).kind).toBe('usable');
  });

  it('asks for a later chunk when a key cannot be told', () => {
    const touched = keysOf();
    touched.begin(150);
    touched.touch(table, null);
    expect(touched.judge(parseSnapshot('150:151:150'), table).kind).toBe('unusable');
  });

  it('meets 32-bit ids of the stream with 64-bit ids of a snapshot after a wrap', () => {
    const epoch = 2n ** 32n;
    const touched = new TouchedKeys(new Set([table]), 5n * epoch - 10n, 1_000_000);
    const snapshot = parseSnapshot(`${5n * epoch - 3n}:${5n * epoch + 20n}:${5n * epoch - 3n},${5n * epoch + 12n}`);
    touched.settle(snapshot);
    touched.begin(2 ** 32 - 3);
    touched.touch(table, 'before the wrap');
    touched.begin(12);
    touched.touch(table, 'after the wrap');
    const verdict = touched.judge(snapshot, table);
    expect(['before the wrap', 'after the wrap'].map((key) => verdict.kind === 'usable' && verdict.isTouched(key))).toEqual([true, true]);
  });
});
