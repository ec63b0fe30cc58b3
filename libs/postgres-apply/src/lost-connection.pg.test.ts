import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { systemClock } from '@truc/kernel';
import type { TargetBatch, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import type { ApplyLimits } from './apply-limits.js';
import { PostgresTarget } from './postgres-target.js';

const table: TargetTable = { schema: 'data', name: 'person', columns: [{ name: 'version', type: { kind: 'bigint' } }] };
const partition = { topic: 't', partition: 0 };

/** The log of the test: at each offset one change of one of five keys; every change has its own position, so that applying one twice would be seen in the counts. */
function batch(from: bigint, to: bigint): TargetBatch {
  const changes: TargetBatch['changes'][number][] = [];
  for (let offset = from; offset < to; offset += 1n) {
    const key = { scheme: 's', code: String(offset % 5n), row: '' };
    const position = { epoch: 1, sequence: offset, index: 0 };
    if (offset % 7n === 0n) changes.push({ kind: 'delete', key, position });
    else changes.push({ kind: 'upsert', key, position, row: { version: offset } });
  }
  return { ...partition, fetchedFrom: from, nextOffset: to, table, changes };
}

/** How the line to the database breaks around a commit. */
type Break = 'never' | 'before the commit arrives' | 'after the commit, before its answer' | 'silence after the commit';

/** A line to the database that can be cut at the one moment where nobody knows. */
class CuttableLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  next: Break = 'never';
  cuts = 0;

  constructor(database: URL) {
    this.#server = createServer((near) => {
      const far = connect(Number(database.port), database.hostname);
      let silent = false;
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [near, far].forEach((end) => end.destroy()));
      }
      near.on('data', (bytes) => {
        if (this.next !== 'never' && bytes.includes('COMMIT\0')) {
          const how = this.next;
          this.next = 'never';
          this.cuts += 1;
          if (how === 'before the commit arrives') return void near.destroy();
          silent = true;
          if (how === 'after the commit, before its answer') far.once('data', () => near.destroy());
        }
        far.write(bytes);
      });
      far.on('data', (bytes) => {
        if (!silent) near.write(bytes);
      });
    });
  }

  /** The database's address through this line. */
  async open(database: string): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const url = new URL(database);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.toString();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('lost connection', () => {
  let db: TestPostgres;
  const opened: { close(): Promise<void> }[] = [];

  function target(connectionString: string, consumer = 'c', limits: Partial<ApplyLimits> = {}): PostgresTarget {
    const one = new PostgresTarget({ connectionString, consumer, clock: systemClock, limits });
    opened.push(one);
    return one;
  }

  function cuttable(): CuttableLine {
    const line = new CuttableLine(new URL(db.url));
    opened.push(line);
    return line;
  }

  async function holding(sql: string): Promise<pg.Client> {
    const holder = new pg.Client({ connectionString: db.url });
    await holder.connect();
    opened.push({ close: () => holder.end() });
    await holder.query(`BEGIN; ${sql}`);
    return holder;
  }

  beforeEach(async () => {
    db = await testPostgres();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await db.drop();
  });

  async function stored(): Promise<unknown[]> {
    return (await db.query('SELECT truc_code, version FROM data.person ORDER BY 1')).rows;
  }

  it('applies every change once, whether the commit arrived or not', async () => {
    const line = cuttable();
    const applier = target(await line.open(db.url));
    const breaks: Break[] = ['before the commit arrives', 'never', 'after the commit, before its answer'];
    await applier.take([partition]);
    await applier.apply([{ ...batch(0n, 0n) }]);
    let offset = 0n;
    let counted = 0;
    let unknown = 0;
    for (let turn = 0; offset < 300n; turn += 1) {
      const before = offset;
      line.next = breaks[turn % breaks.length] ?? 'never';
      try {
        const result = await applier.apply([batch(offset, offset + 10n)]);
        expect(result).toEqual({ applied: 10, refused: 0, rejected: [] });
        counted += result.applied;
        offset += 10n;
      } catch (error) {
        expect(error).toMatchObject({ code: 'APPLY_CONNECTION_LOST', retry: true });
        const [taken] = await applier.take([partition]);
        offset = taken?.offset ?? -1n;
        // What the database says is one of the two truths, and the whole of it.
        expect([before, before + 10n]).toContain(offset);
        if (offset > before) unknown += 1;
      }
    }
    expect(line.cuts).toBeGreaterThan(20);
    expect(unknown).toBeGreaterThan(5);
    expect(counted + unknown * 10).toBe(300);
    const straight = target(db.url, 'straight');
    await straight.take([partition]);
    await straight.apply([{ ...batch(0n, 300n), table: { ...table, name: 'straight' } }]);
    expect(await stored()).toEqual((await db.query('SELECT truc_code, version FROM data.straight ORDER BY 1')).rows);
  });

  it('gives up a line that has gone silent', async () => {
    const line = cuttable();
    const applier = target(await line.open(db.url), 'c', { statementTimeoutMs: 500 });
    await applier.take([partition]);
    await applier.apply([batch(0n, 5n)]);
    line.next = 'silence after the commit';
    await expect(applier.apply([batch(5n, 10n)])).rejects.toMatchObject({ code: 'APPLY_CONNECTION_LOST', retry: true });
    expect((await applier.take([partition]))[0]?.offset).toBe(10n);
  });

  it('leaves nothing half applied when its session is ended in the middle, and goes on afterwards', async () => {
    const applier = target(db.url);
    await applier.take([partition]);
    await applier.apply([batch(0n, 5n)]);
    const before = await stored();
    // The rows are held, so the apply stands after COPY and the lock on its offsets.
    const holder = await holding('LOCK TABLE data.person IN SHARE MODE');
    const applying = applier.apply([batch(5n, 50n)]);
    const failed = expect(applying).rejects.toMatchObject({ code: 'APPLY_CONNECTION_LOST', retry: true });
    let ended = false;
    while (!ended) {
      const { rows } = await db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'truc apply c' AND wait_event_type = 'Lock'`,
        [db.database],
      );
      ended = rows.length > 0;
    }
    await failed;
    await holder.query('COMMIT');
    expect(await stored()).toEqual(before);
    expect((await db.query('SELECT next_offset FROM truc.offsets')).rows).toEqual([{ next_offset: '5' }]);
    // Its token still holds: nobody else took the partition.
    expect(await applier.apply([batch(5n, 50n)])).toEqual({ applied: 45, refused: 0, rejected: [] });
  });

  it('tries nothing but says so when it waits too long for a lock', async () => {
    const applier = target(db.url, 'c', { lockTimeoutMs: 100 });
    await applier.take([partition]);
    await applier.apply([batch(0n, 5n)]);
    const holder = await holding('LOCK TABLE data.person IN SHARE MODE');
    await expect(applier.apply([batch(5n, 50n)])).rejects.toMatchObject({ code: 'APPLY_CONFLICT', retry: true });
    await holder.query('COMMIT');
    expect(await applier.apply([batch(5n, 50n)])).toMatchObject({ applied: 45 });
  });

  it('says where nobody answers', async () => {
    const line = cuttable();
    const url = await line.open(db.url);
    await line.close();
    const applier = target(url);
    await expect(applier.take([partition])).rejects.toMatchObject({ code: 'APPLY_CONNECTION_LOST', retry: true });
  });
});
