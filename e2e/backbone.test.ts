import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ViewPolicy } from '@truc/contracts';
import { topicNames } from '@truc/coordination';
import { runLife, runMerger } from '@truc/demo';
import { openLogReader, type KafkaConnection } from '@truc/kafka';
import { agencySlug } from '@truc/kernel';
import {
  checkoutRoot,
  demoSources,
  freePorts,
  readMetrics,
  reconcile,
  removeBackbone,
  startBackbone,
  untilDrained,
  type Backbone,
  type BackbonePorts,
  type Reconciliation,
} from '@truc/local-stack';
import { scanToEnd } from '@truc/pipeline';
import { eventually, readReceipts, receiptProblems, uniqueTestName } from '@truc/testing';
import pg from 'pg';
import { SpanCollector } from './span-collector.js';

/** A resident whose every private column is a canary: none of it may ever be met outside of the source and the general database. */
const canary = {
  code: '001099777701',
  name: 'Nguyễn Thị Hoàng Yến',
  alias: 'CANARY-ALIAS-41',
  phone: '+84999777701',
  email: 'canary-42@example.vn',
  street: 'CANARY-STREET-43',
  hamlet: 'CANARY-HAMLET-44',
  editor: 'CANARY-EDITOR-45',
};
const forbidden = [canary.alias, canary.phone, canary.email, canary.street, canary.hamlet, canary.editor];

describe('the backbone, from a source agency to the general database and a subscriber', () => {
  const directory = join(checkoutRoot, '.truc', 'test', `e2e-${uniqueTestName()}`);
  const reference = join(checkoutRoot, '..', 'shared', 'reference');
  let ports: BackbonePorts;
  let backbone: Backbone;
  let signal: AbortSignal;
  let collector: SpanCollector;

  const start = () =>
    startBackbone({
      directory,
      ports,
      residents: 1_200,
      seed: 11,
      otlpEndpoint: collector.url,
      ...(existsSync(join(reference, 'administrative-units')) ? { referenceDir: reference } : {}),
    });
  const superUser = (): KafkaConnection => ({ ...backbone.kafka, brokers: [...backbone.kafka.brokers] });
  const drained = async (): Promise<void> =>
    untilDrained({
      policy: await backbone.policy(),
      kafka: superUser(),
      serverUrl: backbone.databases.population,
      generalDatabaseUrl: backbone.databases.generalDatabase,
      targets: { social_insurance: backbone.databases.socialInsurance },
      signal,
    });

  async function reconciled(): Promise<Reconciliation> {
    await drained();
    return reconcile({
      policy: await backbone.policy(),
      sources: { population: backbone.databases.population, administrative: backbone.databases.administrative },
      generalDatabaseUrl: backbone.databases.generalDatabase,
      targets: { social_insurance: backbone.databases.socialInsurance },
      viewSecret: readFileSync(join(directory, 'secrets', 'view-secret'), 'utf8').trim(),
    });
  }

  async function query<R extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<R[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<R>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  const view = async (): Promise<ViewPolicy> => {
    const found = (await backbone.policy()).find((entry) => entry.kind === 'view');
    if (found?.kind !== 'view') throw new Error('there is no view');
    return found;
  };

  /** The command line, as the administrator of this backbone. */
  function truc(...args: string[]): Promise<{ code: number; told: string }> {
    const context = join(directory, 'truc-context.json');
    const { platform: platformUrl, 'schema-registry': registryUrl } = backbone.urls;
    const contexts = { local: { platformUrl, registryUrl, token: backbone.administratorToken } };
    writeFileSync(context, JSON.stringify({ current: 'local', contexts }), { mode: 0o600 });
    const program = [join(checkoutRoot, 'apps', 'truc', 'dist', 'main.js'), ...args];
    return new Promise((resolve) => {
      const child = execFile(process.execPath, program, { env: { ...process.env, TRUC_CONTEXT: context } }, (_, out, err) =>
        resolve({ code: child.exitCode ?? -1, told: out + err }),
      );
    });
  }

  beforeAll(async () => {
    ports = await freePorts();
    collector = await SpanCollector.listen();
    signal = AbortSignal.timeout(400_000);
    backbone = await start();
  }, 180_000);

  afterAll(async () => {
    await backbone?.stop();
    await collector?.close();
    removeBackbone(directory);
  }, 60_000);

  it('carries the snapshot to the general database and, cut to the contract, to the subscriber', async () => {
    const { verdict, datasets, contracts } = await reconciled();
    expect(datasets.map(({ dataset, equal }) => [dataset, equal])).toEqual(datasets.map(({ dataset }) => [dataset, true]));
    expect(datasets.map(({ dataset }) => dataset).toSorted()).toEqual([
      'administrative.commune',
      'administrative.province',
      'population.household',
      'population.resident',
    ]);
    const resident = datasets.find(({ dataset }) => dataset === 'population.resident');
    expect(resident?.source.rows).toBeGreaterThan(1_000);
    expect(resident?.quarantined).toBeGreaterThan(0);
    expect(contracts).toHaveLength(1);
    expect(contracts[0]).toMatchObject({ consumer: 'G12.34', equal: true });
    expect(contracts[0]?.subscriber.rows).toBe(resident?.source.rows);
    expect(verdict).toBe('equal');
  }, 120_000);

  it('carries values as the source means them', async () => {
    await query(
      backbone.databases.population,
      `INSERT INTO dancu.cong_dan (so_dinh_danh, ma_tinh, ho_ten, ten_goi_khac, ngay_sinh, gioi_tinh, ma_dan_toc, ma_xa_thuong_tru, dia_chi, sdt, email, "nguoiCapNhat", cap_nhat_luc)
       SELECT $1, ma_tinh, $2, ARRAY[$3], '1999-03-14', 'NAM', 1, ma_xa_thuong_tru, jsonb_build_object('so_nha', $4::text, 'to', $5::text), $6, $7, $8, cap_nhat_luc
       FROM dancu.cong_dan WHERE ma_xa_thuong_tru IS NOT NULL AND trang_thai = 1 AND so_dinh_danh ~ '^0[0-9]{11}$' ORDER BY so_dinh_danh OFFSET 50 LIMIT 1`,
      [canary.code, canary.name.normalize('NFD'), canary.alias, canary.street, canary.hamlet, canary.phone, canary.email, canary.editor],
    );
    await drained();
    const [general] = await query<Record<string, unknown>>(
      backbone.databases.generalDatabase,
      `SELECT person_full_name, person_date_of_birth::text AS born, person_sex, person_other_name, address_detail FROM g01.population_resident WHERE truc_code = $1`,
      [canary.code],
    );
    expect(general).toEqual({
      person_full_name: canary.name.normalize('NFC'),
      born: '1999-03-14',
      person_sex: '1',
      person_other_name: canary.alias,
      address_detail: canary.street,
    });
    const [subscribed] = await query<Record<string, unknown>>(
      backbone.databases.socialInsurance,
      `SELECT * FROM shared.resident WHERE truc_code = $1`,
      [canary.code],
    );
    expect(Object.keys(subscribed ?? {}).toSorted()).toEqual([
      'address_commune',
      'person_date_of_birth',
      'person_full_name',
      'person_life_status',
      'person_personal_id',
      'truc_applied_at',
      'truc_code',
      'truc_position',
      'truc_row',
      'truc_scheme',
    ]);
    expect(subscribed?.person_full_name).toBe(canary.name.normalize('NFC'));
  }, 60_000);

  it('lets nothing through to the subscriber that the contract does not name: values, keys, headers, database', async () => {
    const { topic, partitions } = await view();
    const reader = openLogReader({ connection: superUser() });
    let records = 0;
    let canaries = 0;
    try {
      for (let partition = 0; partition < partitions; partition += 1) {
        for await (const record of scanToEnd(reader, topic, partition, -2n, signal)) {
          records += 1;
          const bytes = Buffer.concat([
            record.key,
            record.value ?? Buffer.alloc(0),
            ...record.headers.flatMap(({ key, value }) => [Buffer.from(key), value]),
          ]);
          if (bytes.includes(canary.code)) canaries += 1;
          for (const secret of forbidden) expect(bytes.includes(secret)).toBe(false);
          expect(bytes.includes('g01.population')).toBe(false);
          // The row key of the source, province and all, is not there either.
          expect(bytes.includes('["0')).toBe(false);
        }
      }
    } finally {
      await reader.close();
    }
    expect(records).toBeGreaterThan(1_000);
    expect(canaries).toBeGreaterThan(0);
    const tables = await query<{ name: string }>(
      backbone.databases.socialInsurance,
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const [found] = await query<{ n: number }>(
        backbone.databases.socialInsurance,
        `SELECT count(*)::int AS n FROM ${name} AS t WHERE t::text ~ $1`,
        [forbidden.map((text) => text.replaceAll(/[+.]/g, '\\$&')).join('|')],
      );
      expect({ name, found: found?.n }).toEqual({ name, found: 0 });
    }
  }, 60_000);

  it('keeps a subscriber from the dataset itself, and a stranger from everything', async () => {
    const password = readFileSync(
      join(
        directory,
        'secrets',
        readdirSync(join(directory, 'secrets')).find((name) => name.includes('g12-34') && name.includes('kafka')) ?? '',
      ),
      'utf8',
    ).trim();
    const subscriber = openLogReader({
      connection: { ...superUser(), username: `agent.${agencySlug('G12.34')}`, password },
      unreachableMs: 5_000,
    });
    const stranger = openLogReader({ connection: { ...superUser(), password: 'guessed' }, unreachableMs: 5_000 });
    try {
      const { topic, datasetTopic } = await view();
      expect((await subscriber.bounds(topic, 0)).end).toBeGreaterThan(0n);
      await expect(subscriber.bounds(datasetTopic, 0)).rejects.toMatchObject({
        code: expect.stringMatching(/^LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)$/) as unknown,
      });
      await expect(subscriber.bounds(topicNames.policy('G01'), 0)).rejects.toMatchObject({
        code: expect.stringMatching(/^LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)$/) as unknown,
      });
      await expect(stranger.bounds(topic, 0)).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION_FAILED' });
    } finally {
      await subscriber.close();
      await stranger.close();
    }
    for (const url of [`${backbone.urls.platform}/v1/policy`, `${backbone.urls['schema-registry']}/subjects`]) {
      expect((await fetch(url)).status).toBe(401);
      expect((await fetch(url, { headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } })).status).toBe(401);
    }
  }, 60_000);

  it('pauses, tells and resumes a source on command; nothing is lost meanwhile', async () => {
    expect(await backbone.platform.command('G01', 'pause', 'population')).toMatchObject({ ok: true });
    expect(await backbone.platform.command('G01', 'status', null)).toMatchObject({
      ok: true,
      detail: { 'source/population': { kind: 'paused' } },
    });
    await runLife(backbone.world, { populationUrl: backbone.databases.population }, { seed: 11, eventsPerSecond: 1_000, events: 60 });
    expect(await backbone.platform.command('G01', 'pause', 'nothing')).toMatchObject({ ok: false });
    expect(await backbone.platform.command('G01', 'resume', 'population')).toMatchObject({ ok: true });
    expect((await reconciled()).verdict).toBe('equal');
  }, 120_000);

  it('carries the merger of communes, one large transaction, while life goes on', async () => {
    const urls = { populationUrl: backbone.databases.population, administrativeUrl: backbone.databases.administrative };
    const [merged] = await Promise.all([
      runMerger(backbone.world, urls),
      runLife(backbone.world, { populationUrl: urls.populationUrl }, { seed: 11, eventsPerSecond: 100, events: 60 }),
    ]);
    expect(merged.population.residents).toBeGreaterThan(500);
    const { verdict, datasets, contracts } = await reconciled();
    expect({ verdict, datasets: datasets.filter(({ equal }) => !equal), contracts: contracts.filter(({ equal }) => !equal) }).toEqual({
      verdict: 'equal',
      datasets: [],
      contracts: [],
    });
  }, 120_000);

  it('applies nothing twice, and nothing of what is wrong', async () => {
    const { demoDocuments } = await import('@truc/demo');
    const again = await backbone.platform.apply(demoDocuments());
    expect(again).toMatchObject({ created: [], changed: [] });
    const before = await backbone.policy();
    const wrong = await backbone.platform.apply([
      { path: 'new/agency.yaml', text: 'agency:\n  code: G15\n  name: { vi: Bộ Tư pháp, en: Ministry of Justice }\n' },
      {
        path: 'new/dataset.yaml',
        text: 'dataset:\n  name: civil.birth\n  agency: G16\n  generation: 1\n  title: { vi: Khai sinh, en: Birth }\n',
      },
      {
        path: 'new/contract.yaml',
        text: 'contract:\n  name: too-much\n  consumer: G12.34\n  dataset: population.resident\n  purpouse: {}\n',
      },
    ]);
    expect('problems' in wrong && wrong.problems.map(({ file, line }) => `${file}:${line}`)).toEqual(
      expect.arrayContaining(['new/dataset.yaml:3', 'new/contract.yaml:5']),
    );
    expect(await backbone.policy()).toEqual(before);
  }, 60_000);

  it('tells no code and no name in logs, metrics or health', async () => {
    const people = await query<{ code: string; name: string }>(
      backbone.databases.population,
      `SELECT so_dinh_danh AS code, ho_ten AS name FROM dancu.cong_dan WHERE length(ho_ten) > 12`,
    );
    const logs = readdirSync(join(directory, 'logs')).map((file) => readFileSync(join(directory, 'logs', file), 'utf8'));
    const pages = await Promise.all(
      Object.values(backbone.urls).flatMap((url) =>
        ['/metrics', '/health/ready'].map(async (path) => (await fetch(`${url}${path}`)).text()),
      ),
    );
    const told = [...logs, ...pages].join('\n');
    expect(told.length).toBeGreaterThan(1_000);
    expect(people.length).toBeGreaterThan(500);
    const met = people.filter(({ code, name }) => told.includes(code) || told.includes(name));
    expect(met).toEqual([]);
    for (const secret of forbidden) expect(told.includes(secret)).toBe(false);
  }, 60_000);

  it('traces every batch over all of its way, and tells no code and no name in it', async () => {
    const find = (service: string, name: string) => collector.spans().filter((span) => span.service === service && span.name === name);
    /** Whether a span of the one kind is linked to one of the other. */
    const isLinked = (from: [string, string], to: [string, string]): boolean => {
      const ids = new Set(find(...to).map(({ traceId, spanId }) => `${traceId}/${spanId}`));
      return find(...from).some(({ links }) => links.some(({ traceId, spanId }) => ids.has(`${traceId}/${spanId}`)));
    };
    const captured: [string, string] = ['agent-node', 'truc.capture'];
    const projected: [string, string] = ['distributor', 'truc.process'];
    // Spans are sent every few seconds.
    await eventually(() => {
      expect({
        produce: isLinked(['agent-node', 'truc.produce'], captured),
        intoGeneralDatabase: isLinked(['general-database', 'truc.apply'], captured),
        projection: isLinked(projected, captured),
        intoSubscriber: isLinked(['agent-node', 'truc.apply'], projected),
      }).toEqual({ produce: true, intoGeneralDatabase: true, projection: true, intoSubscriber: true });
    });
    const people = await query<{ code: string; name: string }>(
      backbone.databases.population,
      `SELECT so_dinh_danh AS code, ho_ten AS name FROM dancu.cong_dan WHERE length(ho_ten) > 12`,
    );
    expect(people.map(({ code }) => code)).toContain(canary.code);
    const told = collector.text;
    const met = people.filter(({ code, name }) => told.includes(code) || told.includes(name) || told.includes(name.normalize('NFC')));
    expect(met).toEqual([]);
    for (const secret of [...forbidden, canary.code, canary.name]) expect(told.includes(secret)).toBe(false);
  }, 60_000);

  it('goes on where it was at the second start, with no second snapshot', async () => {
    const states = async () => {
      const reader = openLogReader({ connection: superUser() });
      try {
        let last: unknown = null;
        for await (const record of scanToEnd(reader, topicNames.state('G01'), 0, -2n, signal))
          last = JSON.parse(record.value?.toString('utf8') ?? 'null');
        return last as { epoch: number; snapshots: { table: string; rowsRead: number; done: boolean }[] };
      } finally {
        await reader.close();
      }
    };
    const before = await states();
    await backbone.stop();
    backbone = await start();
    await runLife(backbone.world, { populationUrl: backbone.databases.population }, { seed: 11, eventsPerSecond: 1_000, events: 20 });
    expect((await reconciled()).verdict).toBe('equal');
    const after = await states();
    expect(after.epoch).toBe(before.epoch);
    expect(after.snapshots).toEqual(before.snapshots);
    const samples = await readMetrics([backbone.urls['agent-g01'] ?? '']);
    // Of the second process alone: the few events since, not the thousand rows of a snapshot.
    await eventually(() => (samples.sum('truc_capture_rows', { dataset: 'population.resident' }) ?? 0) > 0);
    expect(samples.sum('truc_capture_rows', { dataset: 'population.resident' })).toBeLessThan(500);
  }, 180_000);

  it('ends a gap at the word of a person, by the command that the stopped source tells, and writes it into the audit', async () => {
    const url = backbone.databases.administrative;
    const source = ['G12', 'administrative'] as const;
    const slot = demoSources.find(({ database }) => database === source[1])?.slot;
    await drained();
    expect(await backbone.platform.command('G12', 'pause', 'administrative')).toMatchObject({ ok: true });
    await query(url, 'SELECT pg_drop_replication_slot($1)', [slot]);
    // No event will ever tell of it.
    await query(url, 'DELETE FROM dvhc.xa WHERE ma = (SELECT max(ma) FROM dvhc.xa)');
    expect(await backbone.platform.command('G12', 'resume', 'administrative')).toMatchObject({ ok: true });
    await eventually(async () => {
      const { told } = await truc('agent', 'status', 'G12');
      expect(told).toMatch(/source\/administrative +stopped .*truc agent resolve G12 administrative --gap CAPTURE_SLOT_MISSING/);
    });

    const another = await truc('agent', 'resolve', ...source, '--gap', 'CAPTURE_SLOT_LOST', '--reason', 'another gap');
    expect(another).toMatchObject({ code: 1, told: expect.stringContaining('is CAPTURE_SLOT_MISSING and not') as string });
    const meant = await truc('agent', 'resolve', ...source, '--gap', 'CAPTURE_SLOT_MISSING', '--reason', 'incident 17');
    expect(meant).toMatchObject({ code: 0, told: expect.stringContaining('epoch 2') as string });
    const { verdict, datasets } = await reconciled();
    expect({ verdict, datasets: datasets.filter(({ equal }) => !equal) }).toEqual({ verdict: 'equal', datasets: [] });

    const { audit } = (await backbone.platform.call('GET', '/v1/audit')) as { audit: { action: string }[] };
    const common = { action: 'agent.resolve', subject: 'G12' };
    expect(audit.filter(({ action }) => action === common.action)).toMatchObject([
      { ...common, result: 'answered', detail: { source: 'administrative', gap: 'CAPTURE_SLOT_MISSING', reason: 'incident 17' } },
      { ...common, result: 'refused', detail: { source: 'administrative', gap: 'CAPTURE_SLOT_LOST', reason: 'another gap' } },
    ]);
  }, 120_000);

  it('has a receipt of every record that the general database and the subscriber were given, before and after the second start', async () => {
    const policy = await backbone.policy();
    const datasets = policy.flatMap((entry) => (entry.kind === 'dataset' ? [{ ...entry, consumer: 'general-database' }] : []));
    const given = [...datasets, { ...(await view()), consumer: agencySlug('G12.34') }];
    const reader = openLogReader({ connection: superUser() });
    try {
      await eventually(async () => {
        const receipts = (await readReceipts(reader, topicNames.receipts)).map(({ receipt }) => receipt);
        expect(new Set(receipts.map(({ consumer, topic }) => `${consumer} ${topic}`))).toEqual(
          new Set(given.map(({ consumer, topic }) => `${consumer} ${topic}`)),
        );
        for (const topic of given) expect(await receiptProblems(reader, topic, receipts)).toEqual([]);
      });
    } finally {
      await reader.close();
    }
  }, 60_000);
});
