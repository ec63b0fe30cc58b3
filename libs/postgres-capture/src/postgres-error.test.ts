import { inspect } from 'node:util';
import { captureError } from './postgres-error.js';

const answered = (code: string, message: string, detail?: string): Error => Object.assign(new Error(message), { code, detail });

describe('what PostgreSQL answers', () => {
  it.each([
    ['22P02', 'invalid input syntax for type integer: "001099012345"', undefined],
    ['23505', 'duplicate key value violates unique constraint "x"', 'Key (so_dinh_danh)=(001099012345) already exists.'],
    ['P0001', 'no good row: 001099012345', undefined],
  ])('never carries a value of a row (SQLSTATE %s)', (state, message, detail) => {
    const error = captureError(answered(state, message, detail), 'reading dancu.cong_dan');
    expect(error).toMatchObject({ code: 'CAPTURE_POSTGRES_ERROR', retry: false });
    expect(error.message).toContain(`reading dancu.cong_dan: the source refused it with SQLSTATE ${state}`);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('001099012345');
  });

  it.each([
    ['42501', 'CAPTURE_NOT_PERMITTED', false],
    ['55006', 'CAPTURE_SLOT_ACTIVE', true],
    ['55P03', 'CAPTURE_TABLE_LOCKED', true],
    ['58P01', 'CAPTURE_SLOT_LOST', false],
    ['57P01', 'CAPTURE_CONNECTION_LOST', true],
    ['ECONNRESET', 'CAPTURE_CONNECTION_LOST', true],
    ['XX000', 'CAPTURE_POSTGRES_ERROR', false],
  ])('is told by its SQLSTATE %s as %s, with what was said', (state, code, retry) => {
    expect(captureError(answered(state, 'as the server says it'), 'streaming')).toMatchObject({
      code,
      retry,
      message: expect.stringContaining('while streaming: as the server says it'),
    });
  });
});
