import pg from 'pg';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, TransactionNotStartedError, TypeORMError } from 'typeorm';
import { isOfConnection, sqlState, TellingPool } from './connection-failure.js';
import { answering } from './database.js';

const ofDatabase = (code: string): Error => Object.assign(new pg.DatabaseError('told', 4, 'error'), { code });
const ofStatement = (cause: Error): Error => new QueryFailedError('SELECT', [], cause);
/** What the pool says of a port that nobody listens at. */
const ofPool = async (): Promise<unknown> => {
  const pool = new TellingPool({ host: '127.0.0.1', port: 1 });
  const error = await new Promise((resolve) => pool.connect((told) => resolve(told)));
  await pool.end();
  return error;
};
const become = (error: unknown): Promise<unknown> =>
  answering(() => Promise.reject(error as Error)).catch((told: { reason?: unknown }) => told.reason ?? told);

describe('an error of the store', () => {
  it('is one of the connection where the driver had none, no answer came, or it broke in the middle', async () => {
    const noneHad = await ofPool();
    expect(noneHad).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    const broken = [
      noneHad,
      ofStatement(new Error('Query read timeout')),
      ofStatement(Object.assign(new Error('write'), { code: 'EPIPE' })),
      new QueryRunnerAlreadyReleasedError(),
      new TypeORMError('Driver not Connected'),
    ];
    for (const error of broken) {
      expect([sqlState(error), isOfConnection(error)]).toEqual([null, true]);
      expect(await become(error)).toBe('storeUnavailable');
    }
    for (const code of ['57P01', '53300', '55P03', '25P03', '08006'])
      expect(await become(ofStatement(ofDatabase(code)))).toBe('storeUnavailable');
  });

  it('of a promise of the pool is the same', async () => {
    const pool = new TellingPool({ host: '127.0.0.1', port: 1 });
    expect(isOfConnection(await pool.connect().catch((error: unknown) => error))).toBe(true);
    await pool.end();
  });

  it('is no reason to come again where it is a mistake of ours, and goes on as it is', async () => {
    for (const mistake of [
      new Error('a'),
      new TypeError('b'),
      new TransactionNotStartedError(),
      ofStatement(new TypeError('c')),
      Object.assign(new Error('d'), { code: '57P01' }),
    ])
      expect(await become(mistake)).toBe(mistake);
    expect(await become(ofStatement(ofDatabase('42P01')))).toBe('storeFailed');
    expect(await become(ofStatement(ofDatabase('22021')))).toBe('badRequest');
  });
});
