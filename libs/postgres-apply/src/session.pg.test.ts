import { testPostgres, type TestPostgres } from '@truc/testing';
import { defaultApplyLimits } from './apply-limits.js';
import { Session } from './session.js';

describe('a COPY into the target', () => {
  let db: TestPostgres;
  let session: Session;

  beforeAll(async () => {
    db = await testPostgres();
    await db.query('CREATE TABLE line (text text)');
  }, 120_000);
  beforeEach(async () => {
    session = await Session.open({ connectionString: db.url, applicationName: 'copying', limits: defaultApplyLimits });
  });
  afterEach(() => session.close());
  afterAll(() => db?.drop());

  it('that the server ends is a lost connection, whatever was being sent', async () => {
    let chunks = 0;
    function* endless(): Generator<Buffer> {
      for (;;) {
        chunks += 1;
        yield Buffer.from('x\n'.repeat(1_000));
      }
    }
    const copying = session.copyIn('COPY line FROM STDIN', endless());
    const ended = expect(copying).rejects.toMatchObject({ code: 'APPLY_CONNECTION_LOST', retry: true });
    while (chunks < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'copying' AND datname = current_database()`,
    );
    await ended;
  }, 60_000);

  it('whose chunks cannot be made is a fault of ours, and leaves nothing', async () => {
    function* broken(): Generator<Buffer> {
      yield Buffer.from('x\n');
      throw new RangeError('a value');
    }
    await expect(session.copyIn('COPY line FROM STDIN', broken())).rejects.toMatchObject({ code: 'APPLY_FAILED', retry: false });
    expect((await db.query('SELECT FROM line')).rowCount).toBe(0);
  }, 60_000);
});
