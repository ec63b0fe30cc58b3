import type { SurveySession } from '../survey-session.js';

/**
 * What a value's text depends on, as capture has it, so that a row that is read here has the text that the stream would send. `row_security = off` makes a table that
 * row security would filter an error rather than one that lacks rows. A reader that froze gives its view of the database up after a minute: while it has it, PostgreSQL cannot clean up.
 */
const settings = [
  "SET LOCAL intervalstyle = 'postgres'",
  'SET LOCAL extra_float_digits = 1',
  "SET LOCAL bytea_output = 'hex'",
  "SET LOCAL lc_monetary = 'C'",
  'SET LOCAL row_security = off',
  "SET LOCAL idle_in_transaction_session_timeout = '60s'",
];

/** One view of the whole database for as long as the work lasts; nothing can be written in it. @throws TrucError SURVEY_* */
export async function withReadTransaction<T>(session: SurveySession, work: () => Promise<T>): Promise<T> {
  await session.rows('beginning to read', 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await session.rows('beginning to read', settings.join('; '));
  try {
    return await work();
  } finally {
    await session.attempt('ROLLBACK');
  }
}

/** Work whose failure leaves the transaction as it was before. The error is thrown all the same. @throws TrucError SURVEY_* */
export async function apart<T>(session: SurveySession, work: () => Promise<T>): Promise<T> {
  await session.rows('setting a table apart', 'SAVEPOINT truc_table');
  try {
    const done = await work();
    await session.rows('leaving a table', 'RELEASE SAVEPOINT truc_table');
    return done;
  } catch (error) {
    await session.attempt('ROLLBACK TO SAVEPOINT truc_table');
    throw error;
  }
}
