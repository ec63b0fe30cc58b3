import { TouchedKeys } from './touched-keys.js';
import { parseSnapshot } from './transaction-snapshot.js';

const table = 'public.person';
const UNKNOWN_BELOW = 100n;
const keysOf = (limit = 1_000_000) => new TouchedKeys(new Map([[table, 0n]]), UNKNOWN_BELOW, limit);

describe('touched keys', () => {
  it('marks what a transaction touched that the chunk does not see, and only that', () => {
    const touched = keysOf();
    touched.begin(110, 1n);
    touched.touch(table, 'a');
    touched.touch('public.other', 'x');
    touched.begin(111, 1n);
    touched.touch(table, 'b');
    const snapshot = parseSnapshot('110:112:110');
    touched.settle(snapshot);
    const verdict = touched.judge(snapshot, table);
    expect(['a', 'b', 'x'].map((key) => verdict.kind === 'usable' && verdict.isTouched(key))).toEqual([true, false, false]);
  });

  it('keeps keys over chunks until a snapshot sees the transaction', () => {
    const touched = keysOf();
    touched.begin(110, 1n);
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
    touched.begin(115, 1n);
    touched.touch(table, 'a');
    const verdict = touched.judge(snapshot, table);
    expect(verdict.kind === 'usable' && verdict.isTouched('a')).toBe(true);
  });

  it('takes a truncate for every key', () => {
    const touched = keysOf();
    touched.begin(110, 1n);
    touched.truncate(table);
    touched.touch(table, 'a');
    const verdict = touched.judge(parseSnapshot('110:111:110'), table);
    expect(verdict.kind === 'usable' && verdict.isTouched('anything')).toBe(true);
  });

  it('does not judge while a transaction is unseen that was open before the stream, unless the stream has carried it', () => {
    const touched = keysOf();
    const snapshot = parseSnapshot('90:120:90');
    expect(touched.judge(snapshot, table)).toEqual({ kind: 'unusable', waitingFor: [90n] });
    touched.begin(90, 1n);
    touched.touch(table, 'a');
    expect(touched.judge(snapshot, table).kind).toBe('usable');
  });

  it('gives up keys above its limit and asks for a later chunk', () => {
    const touched = keysOf(2_000);
    touched.begin(150, 1n);
    for (let i = 0; i < 100; i++) touched.touch(table, `key ${i}`);
    expect(touched.bytesHeld).toBeLessThanOrEqual(2_000);
    expect(touched.judge(parseSnapshot('110:200:150'), table).kind).toBe('unusable');
    expect(touched.judge(parseSnapshot('110:150:'), table).kind).toBe('unusable');
    expect(touched.judge(parseSnapshot('151:200:'), table).kind).toBe('usable');
  });

  it('asks for a later chunk when a key cannot be told', () => {
    const touched = keysOf();
    touched.begin(150, 1n);
    touched.touch(table, null);
    expect(touched.judge(parseSnapshot('150:151:150'), table).kind).toBe('unusable');
  });

  it('does not take for streamed what a table does not take of the stream, while another that lags does', () => {
    const other = 'public.lagging';
    const [standing, lagging] = [500n, 100n];
    const touched = new TouchedKeys(
      new Map([
        [table, standing],
        [other, lagging],
      ]),
      UNKNOWN_BELOW,
      1_000_000,
    );
    const snapshot = parseSnapshot('80:120:80');
    touched.begin(80, standing);
    touched.touch(table, 'a');
    touched.touch(other, 'a');
    expect(touched.judge(snapshot, table)).toEqual({ kind: 'unusable', waitingFor: [80n] });
    expect(touched.judge(snapshot, other).kind).toBe('usable');
    // The next chunk sees it.
    touched.settle(parseSnapshot('120:121:'));
    expect(touched.judge(parseSnapshot('120:121:'), table).kind).toBe('usable');
    const later = parseSnapshot('130:140:130');
    touched.begin(130, standing + 1n);
    touched.touch(table, 'b');
    const verdict = touched.judge(later, table);
    expect(['a', 'b'].map((key) => verdict.kind === 'usable' && verdict.isTouched(key))).toEqual([false, true]);
  });

  it('meets 32-bit ids of the stream with 64-bit ids of a snapshot after a wrap', () => {
    const epoch = 2n ** 32n;
    const touched = new TouchedKeys(new Map([[table, 0n]]), 5n * epoch + 10n, 1_000_000);
    const snapshot = parseSnapshot(`${5n * epoch - 3n}:${5n * epoch + 20n}:${5n * epoch - 3n},${5n * epoch + 12n}`);
    touched.settle(snapshot);
    touched.begin(2 ** 32 - 3, 1n);
    touched.touch(table, 'before the wrap');
    touched.begin(12, 1n);
    touched.touch(table, 'after the wrap');
    const verdict = touched.judge(snapshot, table);
    expect(['before the wrap', 'after the wrap'].map((key) => verdict.kind === 'usable' && verdict.isTouched(key))).toEqual([true, true]);
  });
});
