import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { PackedAnswers } from './packed-answers.js';

const blockBytes = 4096;
const answer = (text: string, stamp: number | null = 1) => ({ value: Buffer.from(text), stamp });
const text = (of: PackedAnswers, key: number) => of.get(key)?.value.toString();

describe('answers that are kept packed', () => {
  it('are what was put last, or not there', () => {
    const keys = fc.nat(12);
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.nat(6_000).map((length) => 'schema '.repeat(length)),
      fc.uint8Array({ minLength: 500, maxLength: 3_000, size: 'max' }).map((bytes) => Buffer.from(bytes).toString('base64')),
    );
    const steps = fc.array(fc.tuple(keys, fc.option(fc.tuple(texts, fc.option(fc.nat())))), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(steps, (all) => {
        const packed = new PackedAnswers(2 * blockBytes, blockBytes);
        const model = new Map<number, { text: string; stamp: number | null }>();
        for (const [key, put] of all) {
          if (put === null) {
            packed.delete(key);
            model.delete(key);
          } else {
            packed.set(key, answer(put[0], put[1]));
            model.set(key, { text: put[0], stamp: put[1] });
          }
          for (let one = 0; one <= 12; one += 1) {
            const found = packed.get(one);
            if (found !== undefined) expect({ text: found.value.toString(), stamp: found.stamp }).toEqual(model.get(one));
          }
          expect(packed.bytes).toBeLessThanOrEqual(2 * blockBytes);
        }
      }),
    );
  });

  it('go by age once there is no room, and never those of the last block', () => {
    const packed = new PackedAnswers(3 * blockBytes, blockBytes);
    const noise = (key: number) =>
      Array.from({ length: 12 }, (_, at) => createHash('sha512').update(`${key} ${at}`).digest('base64')).join('');
    for (let key = 0; key < 100; key += 1) packed.set(key, answer(noise(key)));
    expect([text(packed, 0), text(packed, 99)]).toEqual([undefined, noise(99)]);
    const kept = Array.from({ length: 100 }, (_, key) => key).filter((key) => text(packed, key) !== undefined);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, at) => 100 - kept.length + at));
  });

  it('stay where they are when they are put again, and push out nobody', () => {
    const packed = new PackedAnswers(2 * blockBytes, blockBytes);
    packed.set(1, answer('one'));
    for (let stamp = 0; stamp < 1_000; stamp += 1) packed.set(2, answer('two', stamp));
    expect([text(packed, 1), text(packed, 2), packed.get(2)?.stamp]).toEqual(['one', 'two', 999]);
  });

  it('need little room where they resemble each other', () => {
    const packed = new PackedAnswers(2 * 65_536, 65_536);
    const similar = (key: number) =>
      JSON.stringify({ name: `Record${key}`, doc: Array.from({ length: 60 }, (_, at) => `word${at * at}`).join(' ') });
    for (let key = 0; key < 1_000; key += 1) packed.set(key, answer(similar(key)));
    expect(text(packed, 0)).toBe(similar(0));
    expect(text(packed, 999)).toBe(similar(999));
  });
});
