/** Databases as they have grown, through the real agent: the log of PostgreSQL, mapping and rules, topics and quarantine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCodec, unframe } from '@truc/avro';
import { decodeMasterDataKey, type ChangeEnvelope } from '@truc/change-event';
import { planApply, type PolicyEntry } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogReader, type KafkaConnection } from '@truc/kafka';
import { readQuarantineRecord, scanToEnd, type SchemaLookup } from '@truc/pipeline';
import { dropSlot } from '@truc/postgres-capture';
import { createLogger, Telemetry } from '@truc/telemetry';
import {
  catalogueOf,
  demoSource,
  demoUnits,
  eventually,
  testKafka,
  testPostgres,
  withoutEntries,
  type DemoSourceName,
  type TestPostgres,
} from '@truc/testing';
import { appliedPolicy, shippedDictionary } from './applied-policy.test-data.js';
import { capturePlan, runCapture, type CapturePlan } from './capture-plan.js';

const units = Object.entries(demoUnits).map(([path, text]) => ({ path: `code-lists/${path}`, text }));

/** What is left of a mapping when the entries that apply refuses are taken out. */
function cleanMapping(mapping: string): string {
  const files = [...shippedDictionary, ...units, catalogueOf(mapping), { path: 'mapping.yaml', text: mapping }];
  const planned = planApply(files, { documents: [], release: null });
  const problems = 'problems' in planned ? planned.problems : [];
  return withoutEntries(
    mapping,
    problems.map(({ line }) => line),
  );
}

function memorySchemas(): SchemaLookup {
  const ids = new Map<string, number>();
  return {
    idOf: (_subject, schema) => {
      if (!ids.has(schema)) ids.set(schema, ids.size + 1);
      return Promise.resolve(ids.get(schema) ?? null);
    },
    schemaById: (id) => Promise.resolve([...ids].find(([, known]) => known === id)?.[0] ?? null),
    hasVersion: () => Promise.resolve(true),
  };
}

interface Flow {
  readonly name: DemoSourceName;
  readonly agency: string;
  readonly database: string;
  readonly identitySql: string;
  readonly sample: Readonly<Record<string, number>>;
  /** Held before anything is wrong: rows without a code. */
  readonly codeless: readonly string[];
  readonly held: readonly string[];
}

const flows: readonly Flow[] = [
  {
    name: 'population',
    agency: 'G01',
    database: 'population',
    identitySql: `CREATE UNIQUE INDEX the_can_cuoc_truc ON dancu.the_can_cuoc (so_the, so_dinh_danh);
      ALTER TABLE dancu.the_can_cuoc REPLICA IDENTITY USING INDEX the_can_cuoc_truc`,
    sample: { 'population.person': 5, 'population.household': 2, 'population.household-member': 4, 'population.identity-card': 2 },
    codeless: [],
    held: [
      'V6 person_date_of_birth in-future',
      'V3 address_commune not-in-force',
      'V3 person_ethnic_group not-in-code-list',
      'V1 person_personal_id not-12-digits',
      'V2 person_full_name too-long',
    ],
  },
  {
    name: 'business-registration',
    agency: 'G12',
    database: 'business_registration',
    identitySql: `CREATE UNIQUE INDEX doanh_nghiep_truc ON dkkd.doanh_nghiep (id, ma_so_dn);
      ALTER TABLE dkkd.doanh_nghiep REPLICA IDENTITY USING INDEX doanh_nghiep_truc`,
    sample: {
      'business_registration.enterprise': 4,
      'business_registration.enterprise-branch': 2,
      'business_registration.legal-representative': 3,
    },
    codeless: [],
    held: [
      'V1 enterprise_enterprise_code check-digit',
      'V3 enterprise_type not-in-code-list',
      'V2 enterprise_name too-long',
      'V3 enterprise_head_office_commune not-in-force',
    ],
  },
  {
    name: 'land',
    agency: 'G10',
    database: 'land',
    identitySql: 'ALTER TABLE dat_dai.chu_su_dung REPLICA IDENTITY FULL',
    sample: { 'land.parcel': 2, 'land.land-user': 3, 'land.land-right': 2 },
    codeless: ['V1 land_real_estate_id missing', 'V1 land_real_estate_id missing'],
    held: [
      'V1 land_real_estate_id format',
      'V3 land_use_purpose not-in-code-list',
      'V3 land_parcel_commune not-in-force',
      'V1 land_user_enterprise_code check-digit',
    ],
  },
];

describe.each(flows)('the $name database through an agent', ({ name, agency, database, identitySql, sample, codeless, held }) => {
  const { prefix, ...kafka } = testKafka();
  const connection: KafkaConnection = { ...kafka };
  const slug = `${agency.toLowerCase()}-${prefix.replaceAll(/[^a-z0-9]/g, '').slice(-3)}`;
  const slot = `truc_${database}_${prefix.replaceAll(/[^a-z0-9]/g, '_')}`.slice(0, 60);
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const log = createLogger('test', { level: 'silent' });
  const schemas = memorySchemas();
  const reader = openLogReader({ connection });
  const source = demoSource(name);
  const dataDirectory = mkdtempSync(join(tmpdir(), 'truc-agent-'));
  let db: TestPostgres;
  let plan: CapturePlan;

  beforeAll(async () => {
    db = await testPostgres();
    await db.query(source.schemaSql);
    await db.query(source.sampleSql);
    await db.query(identitySql);
    const mapping = cleanMapping(source.mapping);
    const entries = appliedPolicy([...shippedDictionary, ...units, catalogueOf(mapping), { path: 'mapping.yaml', text: mapping }]);
    const own = JSON.stringify(entries).replaceAll(new RegExp(`"(data|quarantine)\\.${agency.toLowerCase()}\\.`, 'g'), `"$1.${slug}.`);
    const found = capturePlan(JSON.parse(own) as PolicyEntry[], agency, database);
    if (found === null) throw new Error('the mapping names no source');
    plan = { ...found, source: { ...found.source, agency: slug.toUpperCase().replace('-', '.') } };
    // Whole rows: a column list beside REPLICA IDENTITY FULL would refuse every update.
    const tables = plan.source.tables.map(({ table }) => table).join(', ');
    await db.query(`CREATE PUBLICATION ${slot} FOR TABLE ${tables} WITH (publish_via_partition_root = true)`);
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
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  /** The last record of every key of a dataset. */
  async function rowsOf(dataset: string): Promise<Map<string, ChangeEnvelope['after']>> {
    const { topic = '', partitions = 0 } = plan.datasets.find((one) => one.name === dataset) ?? {};
    const rows = new Map<string, ChangeEnvelope['after']>();
    for (let partition = 0; partition < partitions; partition += 1) {
      for await (const record of scanToEnd(reader, topic, partition, -2n, AbortSignal.timeout(30_000))) {
        const { key } = decodeMasterDataKey(record.key);
        const id = `${key.scheme} ${key.code} ${key.row}`;
        const { schemaId, body } = unframe(record.value ?? Buffer.alloc(0));
        rows.set(id, (compileCodec((await schemas.schemaById(schemaId)) ?? '').decode(body) as ChangeEnvelope).after);
      }
    }
    return rows;
  }

  async function heldReasons(): Promise<string[]> {
    const reasons = new Map<string, string>();
    for (const { quarantineTopic } of plan.datasets) {
      for await (const record of scanToEnd(reader, quarantineTopic, 0, -2n, AbortSignal.timeout(30_000))) {
        const read = readQuarantineRecord(record);
        const key = `${quarantineTopic} ${record.key.toString()}`;
        if (read.kind === 'held') reasons.set(key, read.entry.reasons.map((one) => `${one.rule} ${one.field} ${one.reason}`).join('; '));
        else reasons.delete(key);
      }
    }
    return [...reasons.values()].toSorted();
  }

  async function captureUntil(until: () => Promise<boolean>, during: () => Promise<unknown>): Promise<void> {
    const stop = new AbortController();
    const running = runCapture(
      plan,
      { connection, schemas, database: { url: db.url, slot, publication: slot }, telemetry, log, dataDirectory },
      stop.signal,
    );
    running.catch(() => {});
    try {
      await Promise.race([
        running.then(() => Promise.reject(new Error('the capture ended'))),
        during().then(() => eventually(until, { timeoutMs: 45_000, intervalMs: 500 })),
      ]);
    } finally {
      stop.abort();
      await running;
    }
  }

  const sizes = async (): Promise<Record<string, number>> =>
    Object.fromEntries(await Promise.all(Object.keys(sample).map(async (dataset) => [dataset, (await rowsOf(dataset)).size] as const)));

  it('publishes every sample row that has a code, from the snapshot', async () => {
    const isThere = async () =>
      JSON.stringify(await sizes()) === JSON.stringify(sample) && (await heldReasons()).length === codeless.length;
    await captureUntil(isThere, () => Promise.resolve());
    expect(await sizes()).toEqual(sample);
    expect(await heldReasons()).toEqual(codeless);
  });

  it('holds exactly the stated rows back, from the stream, and publishes what is written beside them', async () => {
    const expected = [...codeless, ...held].toSorted();
    const isThere = async () => (await heldReasons()).length >= expected.length;
    await captureUntil(isThere, async () => {
      for (const { table, sql } of source.violations) if (plan.source.tables.some((one) => one.table === table)) await db.query(sql);
    });
    expect(await heldReasons()).toEqual(expected);
    expect(await sizes()).toEqual(sample);
  });

  if (name === 'land') {
    it('publishes lists, and keys of the scheme that each row has', async () => {
      const users = await rowsOf('land.land-user');
      expect([...users.keys()].map((key) => key.split(' ').slice(0, 2).join(' ')).toSorted()).toEqual([
        'enterprise-code 9912345015',
        'personal-id 001099000012',
        'personal-id 066088000056',
      ]);
      const isListThere = async () => {
        const parcels = await rowsOf('land.parcel');
        return [...parcels.values()].some((row) => Array.isArray(row?.['land_use_purpose']) && row['land_use_purpose'].length === 2);
      };
      // A run takes back what the one before held behind its stored point, and holds it again: in a topic that no order binds to the parcel's.
      const isHeldAgain = async () => (await heldReasons()).length === codeless.length + held.length;
      await captureUntil(
        async () => (await isListThere()) && (await isHeldAgain()),
        () => db.query(`UPDATE dat_dai.thua_dat SET loai_dat = '{ODT,CLN}' WHERE so_thua = 345`),
      );
      expect((await rowsOf('land.parcel')).get('real-estate-id 0007000120034501 ["00070","12","345"]')).toMatchObject({
        land_use_purpose: ['ODT', 'CLN'],
      });
      expect(await heldReasons()).toHaveLength(codeless.length + held.length);
    });
  }
});
