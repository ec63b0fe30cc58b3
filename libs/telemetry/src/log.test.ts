import { PassThrough } from 'node:stream';
import { TrucError } from '@truc/kernel';
import { createLogger } from './log.js';

const canary = '001099012345';

function linesOf(write: (log: ReturnType<typeof createLogger>) => void): { text: string; first: Record<string, unknown> } {
  const destination = new PassThrough();
  write(createLogger('platform', { level: 'debug', destination }));
  const text = String(destination.read() ?? '');
  return { text, first: JSON.parse(text.split('\n')[0] ?? '') as Record<string, unknown> };
}

/** As a driver throws it: everything that it was given hangs on it. */
function foreign(): Error {
  const error = new Error(`invalid input syntax for type bigint: "${canary}"`, { cause: new RangeError(canary) });
  const more = { code: '22P02', query: `SELECT '${canary}'`, parameters: [canary], detail: `Key (code)=(${canary})`, body: canary };
  return Object.assign(error, more, { driverError: { ...more } });
}

describe('an error in the log', () => {
  it('of a library has type, code and calls, and no value in any of its fields or causes', () => {
    const { text, first } = linesOf((log) => log.error({ err: foreign() }, 'a request failed unexpectedly'));
    expect(text).not.toContain(canary);
    expect(first).toMatchObject({
      err: {
        type: 'Error',
        code: '22P02',
        calls: expect.arrayContaining([expect.stringContaining('log.test')]),
        cause: { type: 'RangeError' },
      },
      msg: 'a request failed unexpectedly',
    });
  });

  it('of ours says what happened, and nothing of what a library said of it', () => {
    const error = new TrucError('X_FAILED', 'dancu.cong_dan has no primary key', { cause: foreign() });
    const { text, first } = linesOf((log) => log.warn({ err: error }, 'failed'));
    expect(text).not.toContain(canary);
    expect(first).toMatchObject({ err: { code: 'X_FAILED', message: 'dancu.cong_dan has no primary key', cause: { code: '22P02' } } });
  });

  it('says what kind of thing was thrown that is no error, and cuts secrets', () => {
    const { text, first } = linesOf((log) => log.error({ err: canary, token: canary, kafka: { password: canary } }, 'failed'));
    expect(text).not.toContain(canary);
    expect(first).toMatchObject({ err: { type: 'string' } });
  });

  it('ends with causes that go round in a circle', () => {
    const error = new Error('a');
    error.cause = error;
    expect(linesOf((log) => log.error({ err: error }, 'failed')).first).toHaveProperty('err.cause.cause.cause.cause.type', 'Error');
  });
});
