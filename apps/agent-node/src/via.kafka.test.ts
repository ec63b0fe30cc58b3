/** Rows whose code lies in another table, through the real agent: its index on disk, kills, and what a person has to be told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMasterDataKey, positionOf, type ChangeEnvelope } from '@truc/change-event';
import { compileCodec, unframe } from '@truc/avro';
import type { PolicyEntry } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogReader, type KafkaConnection } from '@truc/kafka';
import { comparePositions, type Position } from '@truc/kernel';
import { readCaptureState, readQuarantineRecord, scanToEnd, type DatasetApart, type SchemaLookup } from '@truc/pipeline';
import { dropSlot } from '@truc/postgres-capture';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, testKafka, testPostgres, type TestPostgres } from '@truc/testing';
import { policyOfDocuments } from './applied-policy.test-data.js';
import { capturePlan, resolveCapturedDataset, runCapture, type CapturePlan, type CaptureRunOptions } from './capture-plan.js';
import { startCaptureProcess, viaDocuments, viaTables } from './via.test-data.js';

const schemaIds = new Map<string, number>();
const schemas: SchemaLookup = {
  idOf: (_subject, schema) => {
    if (!schemaIds.has(schema)) schemaIds.set(schema, schemaIds.size + 1);
    return Promise.resolve(schemaIds.get(schema) ?? null);
  },
  schemaById: (id) => Promise.resolve([...schemaIds].find(([, known]) => known === id)?.[0] ?? null),
  hasVersion: () => Promise.resolve(true),
};

describe('rows whose code lies in another table', () => {
  const { prefix, ...kafka } = testKafka();
  const connection: KafkaConnection = { ...kafka };
  const slug = `g01-${prefix.replaceAll(/[^a-z0-9]/g, '').slice(-3)}`;
  const stateAgency = slug.toUpperCase().replace('-', '.');
  const slot = `truc_via_${prefix.replaceAll(/[^a-z0-9]/g, '_')}`.slice(0, 60);
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const log = createLogger('test', { level: 'silent' });
  const reader = openLogReader({ connection });
  const dataDirectory = mkdtempSync(join(tmpdir(), 'truc-agent-'));
  const workDirectory = mkdtempSync(join(tmpdir(), 'truc-via-'));
  let db: TestPostgres;
  let entries: PolicyEntry[];
  let plan: CapturePlan;
  let apart: readonly DatasetApart[] = [];

  const options = (): CaptureRunOptions => {
    const database = { url: db.url, slot, publication: slot };
    return { connection, schemas, database, telemetry, log, dataDirectory, onApart: (datasets) => (apart = datasets) };
  };

  beforeAll(async () => {
    db = await testPostgres();
    await db.query(viaTables);
    await db.query('INSERT INTO dancu.nguoi SELECT i, 1099000000 + i FROM generate_series(1, 60) i');
    await db.query("INSERT INTO dancu.noi_o SELECT 'n' || i, i % 70, 'Số ' || i FROM generate_series(1, 200) i");
    await db.query("INSERT INTO dancu.ghi_chu VALUES ('g1', '001099000001', 'Số 1')");
    await db.query(`CREATE PUBLICATION ${slot} FOR TABLE dancu.nguoi, dancu.noi_o, dancu.ghi_chu`);
    const own = JSON.stringify(policyOfDocuments(viaDocuments)).replaceAll(/"(data|quarantine)\.g01\./g, `"$1.${slug}.`);
    entries = JSON.parse(own) as PolicyEntry[];
    const found = capturePlan(entries, 'G01', 'population')!;
    plan = { ...found, source: { ...found.source, agency: stateAgency } };
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([
      ...plan.datasets.flatMap(({ topic, partitions, quarantineTopic }) => [
        { name: topic, partitions, config: compactedTopic() },
        { name: quarantineTopic, partitions: 1, config: compactedTopic() },
      ]),
      { name: `state.${slug}`, partitions: 1, config: compactedTopic() },
    ]);
    await admin.close();
  });

  afterAll(async () => {
    await reader.close();
    await dropSlot(db.url, slot).catch(() => {});
    await db.drop();
    await telemetry.shutdown();
    for (const directory of [dataDirectory, workDirectory]) rmSync(directory, { recursive: true, force: true });
  });

  /** What compaction leaves: `key code address`. Every key ends with its highest position. */
  async function published(dataset = 'population.address'): Promise<string[]> {
    const { topic, partitions } = plan.datasets.find(({ name }) => name === dataset)!;
    const keys = new Map<string, { highest: Position; last: Position; row: string | null }>();
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const { key, value, headers } of scanToEnd(reader, topic, partition, -2n, AbortSignal.timeout(30_000))) {
        if (key.length === 0) continue;
        const { row, code } = decodeMasterDataKey(key).key;
        const position = positionOf(headers);
        const { schemaId, body } = value === null ? { schemaId: 0, body: null } : unframe(value);
        const after =
          body === null ? null : (compileCodec((await schemas.schemaById(schemaId)) ?? '').decode(body) as ChangeEnvelope).after;
        const place = `${row} ${code}`;
        const highest = keys.get(place)?.highest ?? position;
        keys.set(place, {
          highest: comparePositions(position, highest) > 0 ? position : highest,
          last: position,
          row: after === null ? null : `${place} ${String(after['address_detail'])}`,
        });
      }
    }
    for (const [place, { highest, last }] of keys) expect([place, comparePositions(last, highest)]).toEqual([place, 0]);
    return [...keys.values()].flatMap(({ row }) => row ?? []).toSorted();
  }

  async function held(): Promise<Map<string, string>> {
    const reasons = new Map<string, string>();
    const { quarantineTopic } = plan.datasets.find(({ name }) => name === 'population.address')!;
    for await (const record of scanToEnd(reader, quarantineTopic, 0, -2n, AbortSignal.timeout(30_000))) {
      const read = readQuarantineRecord(record);
      if (read.kind === 'held')
        reasons.set(read.entry.sourceKey, read.entry.reasons.map(({ rule, reason }) => `${rule} ${reason}`).join('; '));
      else reasons.delete(record.key.toString());
    }
    return reasons;
  }

  /** Rows that have a code, and keys of those that have none. */
  async function source(): Promise<{ rows: string[]; waiting: string[] }> {
    const { rows } = await db.query<{ id: string; ma: string | null; dia_chi: string }>(
      'SELECT o.id, n.ma::text, o.dia_chi FROM dancu.noi_o o LEFT JOIN dancu.nguoi n ON n.id = o.nguoi_id',
    );
    const good = rows.flatMap(({ id, ma, dia_chi }) => (ma === null ? [] : [`["${id}"] ${ma.padStart(12, '0')} ${dia_chi}`]));
    return { rows: good.toSorted(), waiting: rows.flatMap(({ id, ma }) => (ma === null ? [`["${id}"]`] : [])).toSorted() };
  }

  /** What is held keeps what was published of it. */
  async function isTheSame(): Promise<boolean> {
    const [{ rows, waiting }, isHeld] = await Promise.all([source(), held()]);
    const shown = (await published()).filter((row) => !isHeld.has(row.split(' ')[0]!));
    return JSON.stringify(shown) === JSON.stringify(rows) && JSON.stringify([...isHeld.keys()].toSorted()) === JSON.stringify(waiting);
  }

  /** The others of the source have gone on. */
  async function isPastGap(): Promise<boolean> {
    const parts = { reader, stateTopic: `state.${slug}`, slot } as unknown as Parameters<typeof readCaptureState>[0];
    const state = await readCaptureState(parts, AbortSignal.timeout(10_000));
    return state !== null && state.sequence > (state.gaps.at(-1)?.sequence ?? 0n);
  }

  async function captureUntil(
    until: () => Promise<boolean>,
    during: () => Promise<unknown> = () => Promise.resolve(),
    other: Partial<CaptureRunOptions> = {},
  ): Promise<void> {
    const stop = new AbortController();
    const running = runCapture(plan, { ...options(), ...other }, stop.signal);
    running.catch(() => {});
    try {
      await Promise.race([
        running.then(() => Promise.reject(new Error('the capture ended'))),
        during().then(() => eventually(until, { timeoutMs: 90_000, intervalMs: 500 })),
      ]);
    } finally {
      stop.abort();
      await running;
    }
  }

  it('are published under the codes of a table that is not, and wait where there is none', async () => {
    await captureUntil(isTheSame);
    expect((await source()).rows).toHaveLength(180);
    expect((await held()).get('["n61"]')).toMatch(/^V1 parent-unknown: no row of dancu\.nguoi has its key yet$/);
  }, 120_000);

  it('follow the codes of their parents, and come when these come', async () => {
    await captureUntil(isTheSame, async () => {
      await db.query('UPDATE dancu.nguoi SET ma = ma + 1000 WHERE id <= 20');
      await db.query('INSERT INTO dancu.nguoi VALUES (61, 1099000061), (62, NULL)');
      await db.query("UPDATE dancu.noi_o SET dia_chi = 'Số mới' WHERE nguoi_id IN (1, 2, 61)");
      await db.query('DELETE FROM dancu.nguoi WHERE id IN (3, 4)');
      await db.query("BEGIN; INSERT INTO dancu.noi_o VALUES ('x1', 900, 'Số 1'); INSERT INTO dancu.nguoi VALUES (900, 1099000900); COMMIT");
      await db.query('UPDATE dancu.noi_o SET nguoi_id = 5 WHERE nguoi_id = 6');
      await db.query('BEGIN; DELETE FROM dancu.nguoi WHERE id = 7; DELETE FROM dancu.noi_o WHERE nguoi_id = 7; COMMIT');
      await db.query('UPDATE dancu.nguoi SET ma = 1099000062 WHERE id = 62');
      await db.query(
        'BEGIN; UPDATE dancu.nguoi SET id = 901 WHERE id = 8; UPDATE dancu.noi_o SET nguoi_id = 901 WHERE nguoi_id = 8; COMMIT',
      );
    });
  }, 120_000);

  it('end as the source has them, whenever the agent is killed', async () => {
    let random = 7;
    const next = (below: number): number => (random = (random * 48271) % 2147483647) % below;
    const write = async (): Promise<void> => {
      const id = 1 + next(70);
      const statements = [
        `UPDATE dancu.nguoi SET ma = ${1099100000 + next(800)} WHERE id BETWEEN ${id} AND ${id + 3}`,
        `DELETE FROM dancu.nguoi WHERE id = ${id}`,
        `INSERT INTO dancu.nguoi VALUES (${id}, ${1099200000 + next(800)}) ON CONFLICT (id) DO UPDATE SET ma = excluded.ma`,
        `UPDATE dancu.noi_o SET nguoi_id = ${1 + next(70)} WHERE nguoi_id = ${id}`,
        `UPDATE dancu.noi_o SET dia_chi = 'Số ${next(900)}' WHERE nguoi_id = ${id}`,
        `DELETE FROM dancu.noi_o WHERE id = 'n${1 + next(200)}'`,
        `INSERT INTO dancu.noi_o VALUES ('n${1 + next(200)}', ${id}, 'Số 0') ON CONFLICT (id) DO UPDATE SET nguoi_id = excluded.nguoi_id`,
        `UPDATE dancu.nguoi SET ma = NULL WHERE id = ${id}`,
      ];
      await db.query(`BEGIN; ${statements[next(statements.length)]!}; ${statements[next(statements.length)]!}; COMMIT`);
    };
    const { url } = db;
    const told = { entries, agency: 'G01', stateAgency, connection, dataDirectory, schemaIds: [...schemaIds] };
    for (let kill = 0; kill < 5; kill++) {
      const capture = await startCaptureProcess(workDirectory, { ...told, database: { url, slot, publication: slot } });
      for (let count = 0; count < 30 + next(60); count++) await write();
      // Somewhere in the middle of what it does.
      await new Promise((resolve) => setTimeout(resolve, next(2_500)));
      await capture.kill();
      await write();
    }
    await captureUntil(isTheSame);
  }, 300_000);

  it('stop by themselves where the other table is not published any more, and go on anew when it is', async () => {
    await db.query(`ALTER PUBLICATION ${slot} DROP TABLE dancu.nguoi`);
    await captureUntil(
      async () => (await published('population.note')).length === 2 && apart.length > 0,
      () => db.query("INSERT INTO dancu.ghi_chu VALUES ('g2', '001099000002', 'Số 2')"),
    );
    expect(apart).toEqual([
      expect.objectContaining({ dataset: 'population.address', kind: 'stopped', code: 'CAPTURE_TABLE_NOT_PUBLISHED' }),
    ]);
    expect(apart[0]!.reason).toContain('ADD TABLE "dancu"."nguoi"');
    await db.query('UPDATE dancu.nguoi SET ma = 1099300001 WHERE id = 20');
    await db.query(`ALTER PUBLICATION ${slot} ADD TABLE dancu.nguoi`);
    await captureUntil(isTheSame);
    expect(apart).toEqual([]);
  }, 200_000);

  it('have a gap of their own where the agent has lost its disk, and are read anew', async () => {
    rmSync(dataDirectory, { recursive: true });
    await captureUntil(
      async () => (await published('population.note')).length === 3 && apart.length > 0 && (await isPastGap()),
      () => db.query("INSERT INTO dancu.ghi_chu VALUES ('g3', '001099000003', 'Số 3'); UPDATE dancu.nguoi SET ma = ma + 5000"),
    );
    expect(apart).toEqual([expect.objectContaining({ dataset: 'population.address', kind: 'gap', code: 'CAPTURE_PARENTS_LOST' })]);
    expect(apart[0]!.reason).toContain('--dataset population.address --gap CAPTURE_PARENTS_LOST');
    const decision = { dataset: 'population.address', gap: 'CAPTURE_PARENTS_LOST', reason: 'disk', by: 'test', commandId: '1' };
    await resolveCapturedDataset(plan, decision, options(), AbortSignal.timeout(30_000));
    await captureUntil(async () => apart.length === 0 && (await isTheSame()));
    expect(apart).toEqual([]);
  }, 200_000);

  it('stop by themselves where the agent has no directory for what it has to know', async () => {
    apart = [];
    const write = () => db.query("UPDATE dancu.noi_o SET dia_chi = 'Số cuối'");
    await captureUntil(() => Promise.resolve(apart.length > 0), write, { dataDirectory: undefined });
    expect(apart).toEqual([expect.objectContaining({ dataset: 'population.address', kind: 'stopped', code: 'MAPPING_PARENTS_MISSING' })]);
    expect(apart[0]!.reason).toContain('dataDirectory');
    await captureUntil(isTheSame);
  }, 120_000);
});
