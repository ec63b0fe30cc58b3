import { reasonOf, TrucError } from './truc-error.js';

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('the reason of an error', () => {
  it('is what our own errors say', () => {
    expect(reasonOf(new TrucError('X_FAILED', 'dancu.cong_dan has no primary key'))).toBe('dancu.cong_dan has no primary key');
  });

  it.each<[string, () => unknown]>([
    ['a number that is none', () => BigInt('001099012345x')],
    ['a value out of range', () => Buffer.alloc(4).writeInt16BE(1099012345)],
    ['JSON that is none', () => JSON.parse('x1099012345')],
    [
      'a text that looks like a stack',
      () => {
        throw new Error('no\n    at 001099012345:1:1');
      },
    ],
  ])('holds nothing of %s', (_, run) => {
    const error = thrownBy(run);
    expect((error as Error).message).toMatch(/1_?099_?012_?345/);
    expect(reasonOf(error)).toMatch(/^(Syntax|Range)?Error( \([A-Z_]+\))? at \S+:[0-9]+:[0-9]+$/);
    expect(reasonOf(error)).not.toMatch(/1_?099_?012_?345/);
  });

  it('tells the code of a socket, and what is no error at all', () => {
    expect(reasonOf(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }))).toMatch(
      /^Error \(ECONNREFUSED\)/,
    );
    expect(reasonOf('001099012345')).toBe('a string was thrown');
  });

  it('has no place where message and stack do not belong together', () => {
    for (const message of ['other', '']) {
      const error = new Error('no\n    at 001099012345:1:1');
      expect(error.stack).toContain('001099012345');
      error.message = message;
      expect(reasonOf(error)).toBe('Error');
    }
  });
});
