import { hasCode, TrucError } from '@truc/kernel';
import { parseAddress, surveyError } from './survey-error.js';
import { refuseTooOld } from './survey-session.js';

const address = parseAddress('postgres://dba:hidden%40word@db.agency:5433/population');

function thrownBy(run: () => unknown): TrucError {
  try {
    run();
  } catch (error) {
    return error as TrucError;
  }
  throw new Error('nothing was thrown');
}

it('reads an address, with what it may show', () => {
  expect(address).toEqual({ host: 'db.agency', port: 5433, database: 'population', user: 'dba', hasPassword: true });
  expect(parseAddress('postgresql://db')).toMatchObject({ port: 5432, hasPassword: false });
});

it.each(['', 'db.agency', 'mysql://dba:hidden@db/x', 'postgres://db:port/x', 'postgres://a%zz@db/x'])(
  'refuses %j and does not repeat it',
  (text) => {
    const error = thrownBy(() => parseAddress(text));
    expect(error.code).toBe('SURVEY_URL_INVALID');
    expect(error.message).not.toContain('hidden');
    expect(error.message).toContain('postgres://user:password@host:5432/database');
  },
);

it.each([
  ['ENOTFOUND', 'SURVEY_HOST_UNKNOWN'],
  ['ECONNREFUSED', 'SURVEY_REFUSED'],
  ['EHOSTUNREACH', 'SURVEY_UNREACHABLE'],
  ['28P01', 'SURVEY_PASSWORD'],
  ['28000', 'SURVEY_NOT_ADMITTED'],
  ['3D000', 'SURVEY_DATABASE_UNKNOWN'],
  ['53300', 'SURVEY_SERVER_FULL'],
  ['57P03', 'SURVEY_SERVER_STARTING'],
  ['57014', 'SURVEY_TOO_SLOW'],
  ['42501', 'SURVEY_NOT_PERMITTED'],
  ['22P02', 'SURVEY_POSTGRES_ERROR'],
  ['XX000', 'SURVEY_POSTGRES_ERROR'],
  ['', 'SURVEY_CONNECTION'],
])('says of %s in one sentence what to do, as %s', (state, code) => {
  const error = surveyError(Object.assign(new Error('value 001099000012'), { code: state }), address, 'looking');
  expect(error.code).toBe(code);
  expect(error.message).not.toMatch(/hidden|\n/);
  if (state.startsWith('22')) expect(error.message).not.toContain('001099000012');
});

it('keeps an error that says it all already', () => {
  const own = new TrucError('SURVEY_TOO_OLD', 'old');
  expect(surveyError(own, address, 'looking')).toBe(own);
});

it('refuses what is older than PostgreSQL 14', () => {
  expect(() => refuseTooOld(140_000, '14.0', address)).not.toThrow();
  expect(
    hasCode(
      thrownBy(() => refuseTooOld(130_022, '13.22', address)),
      'SURVEY_TOO_OLD',
    ),
  ).toBe(true);
});
