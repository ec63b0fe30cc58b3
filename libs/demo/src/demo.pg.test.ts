/** The demo against everything that will judge it: its documents, the shipped dictionary, the mappings and the value rules, on rows out of real databases. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePolicy, parseDocuments, type PolicyEntry } from '@truc/coordination';
import { compileValueRules, createRelease, parseDictionaryFiles, type DictionaryRelease } from '@truc/dictionary';
import { compileTable, type SourceColumn } from '@truc/mapping';
import { testPostgres, type TestPostgres } from '@truc/testing';
import pg from 'pg';
import {
  codeListFiles,
  createWorld,
  demoDocuments,
  loadSources,
  prepareSource,
  runLife,
  runMerger,
  type LifeEvent,
  type World,
} from './index.js';

const seed = 7;
const referenceDir = join(import.meta.dirname, '../../../../shared/reference');
const worlds: [string, () => World][] = [['invented communes', () => createWorld({ seed, residents: 3000 })]];
// The real lists may not lie beside the repository; the invented ones then stand for them.
if (existsSync(join(referenceDir, 'administrative-units')))
  worlds.push(['real communes', () => createWorld({ seed, residents: 3000, referenceDir })]);

function shippedFiles(directory: string): { path: string; text: string }[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }));
}

function demoRelease(world: World): DictionaryRelease {
  const lists = codeListFiles(world);
  const replaced = new Set(lists.map(({ path }) => path));
  const shipped = shippedFiles(join(import.meta.dirname, '../../../schemas/dictionary')).filter(({ path }) => !replaced.has(path));
  const { elements, valueDomains, codeLists } = parseDictionaryFiles([...shipped, ...lists]);
  return createRelease({ number: 1, elements, valueDomains, codeLists });
}

describe.each(worlds)('the demo with %s', (_, make) => {
  const world = make();
  const release = demoRelease(world);
  const parsed = parseDocuments(demoDocuments(), { release });
  const policy = 'documents' in parsed ? compilePolicy(parsed.documents, release) : null;
  const entries = [...(policy?.common ?? []), ...[...(policy?.byAgency.values() ?? [])].flat()];

  function only<K extends PolicyEntry['kind']>(
    kind: K,
    name: (entry: Extract<PolicyEntry, { kind: K }>) => boolean,
  ): Extract<PolicyEntry, { kind: K }> {
    const [found] = entries.filter((entry): entry is Extract<PolicyEntry, { kind: K }> => entry.kind === kind).filter(name);
    if (found === undefined) throw new Error(`no ${kind}`);
    return found;
  }

  function tableOf(name: string) {
    const source = entries.filter((entry) => entry.kind === 'source').find(({ tables }) => tables.some(({ table }) => table === name));
    const table = source?.tables.find((one) => one.table === name);
    if (table === undefined) throw new Error(`no mapping of ${name}`);
    const dataset = only('dataset', (entry) => entry.name === table.dataset);
    return { dataset, compiled: compileTable(table, dataset, release) };
  }

  let population: TestPostgres;
  let administrative: TestPostgres;
  const urls = () => ({ populationUrl: population.url, administrativeUrl: administrative.url });

  beforeAll(async () => {
    population = await testPostgres();
    administrative = await testPostgres();
  });
  afterAll(async () => {
    await population.drop();
    await administrative.drop();
  });

  interface Refused {
    readonly key: string;
    readonly rules: readonly string[];
  }

  /** Reads a table as the stream would give it, maps every row and applies the value rules: how many rows, and which are refused why. */
  async function judge(url: string, name: string): Promise<{ rows: number; refused: Refused[] }> {
    const { dataset, compiled } = tableOf(name);
    const rules = compileValueRules(release, dataset.fields, {
      codeField: dataset.codeField,
      today: () => Math.floor(Date.now() / 86_400_000),
    });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const types = await client.query<SourceColumn>(
        `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnum = ANY (i.indkey) AS "isKey"
         FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary WHERE a.attrelid = $1::regclass AND a.attnum > 0 ORDER BY a.attnum`,
        [name],
      );
      const bound = compiled.bind(types.rows);
      const list = types.rows.map(({ name: column }) => pg.escapeIdentifier(column)).join(', ');
      const rows = await client.query<(string | null)[]>({
        text: `SELECT ${list} FROM ${name}`,
        rowMode: 'array',
        types: { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig,
      });
      const refused = rows.rows.flatMap((values): Refused[] => {
        const { row, code, problems, referenceDate } = bound.map(values);
        const found = [...problems, ...rules(row, { referenceDate: referenceDate ?? 'none' })];
        return found.length === 0 ? [] : [{ key: code ?? '', rules: [...new Set(found.map(({ rule }) => rule))] }];
      });
      return { rows: rows.rows.length, refused };
    } finally {
      await client.end();
    }
  }

  const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
  const stated = world.violations.map(({ personalId, rule }) => ({ key: personalId, rule })).sort(byKey);

  /** `infinity` has no value, so that a required date of birth is missing as well. */
  function expectStated(refused: readonly Refused[], of = stated): void {
    expect(refused.toSorted(byKey).map(({ key }) => key)).toEqual(of.map(({ key }) => key));
    for (const [i, { rules }] of refused.toSorted(byKey).entries()) expect(rules).toContain(of[i]?.rule);
  }

  async function count(db: TestPostgres, sql: string): Promise<number> {
    return Number((await db.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`)).rows[0]?.n);
  }

  it('has documents that are all sound, and a contract for five elements', () => {
    expect('problems' in parsed ? parsed.problems : []).toEqual([]);
    const view = only('view', () => true);
    expect(view.fields.map(({ name }) => name).toSorted()).toEqual([
      'address_commune',
      'person_date_of_birth',
      'person_full_name',
      'person_life_status',
      'person_personal_id',
    ]);
    expect(only('contract', () => true)).toMatchObject({
      consumer: 'G12.34',
      dataset: 'population.resident',
      target: { database: 'social_insurance', table: 'resident' },
    });
    expect(tableOf('dancu.ho_gia_dinh').dataset.keyIsCode).toBe(true);
    expect(tableOf('dancu.cong_dan').dataset.keyIsCode).toBe(false);
  });

  it('loads both sources', async () => {
    const loaded = await loadSources(world, urls());
    expect(loaded).toMatchObject({ residents: 3000, provinces: 63, communes: world.division.communesBefore.length });
    expect(await count(population, 'dancu.cong_dan')).toBe(3000);
    expect(await count(population, 'dancu.ho_gia_dinh')).toBe(loaded.households);
  });

  it('loads rows that conform, but for those it states', async () => {
    const residents = await judge(population.url, 'dancu.cong_dan');
    expect(residents.rows).toBe(3000);
    expectStated(residents.refused);
    for (const [db, table] of [
      [population, 'dancu.ho_gia_dinh'],
      [administrative, 'dvhc.tinh'],
      [administrative, 'dvhc.xa'],
    ] as const) {
      const judged = await judge(db.url, table);
      expect(judged.rows).toBeGreaterThan(60);
      expect(judged.refused).toEqual([]);
    }
  });

  it('gives the agent what is mapped and nothing else', async () => {
    const tables = ['dancu.cong_dan', 'dancu.ho_gia_dinh'].map((table) => ({ table, columns: tableOf(table).compiled.columns }));
    const role = `${population.database}_agent`;
    const preparation = { role, password: "pa'ss\\word", publication: 'truc', tables };
    await prepareSource(population.url, preparation);
    await prepareSource(population.url, preparation);
    const url = new URL(population.url);
    url.username = role;
    url.password = encodeURIComponent(preparation.password);
    const agent = new pg.Client({ connectionString: url.toString() });
    await agent.connect();
    try {
      expect((await agent.query('SELECT ho_ten FROM dancu.cong_dan')).rowCount).toBe(3000);
      await agent.query('BEGIN; LOCK TABLE dancu.cong_dan IN ACCESS SHARE MODE; COMMIT');
      for (const sql of [
        'SELECT anh_chan_dung FROM dancu.cong_dan',
        'SELECT * FROM dancu.thanh_vien_ho',
        `UPDATE dancu.cong_dan SET ho_ten = 'x'`,
        'SELECT ho_ten FROM dancu.cong_dan_p01',
      ]) {
        await expect(agent.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
      const published = await agent.query(
        `SELECT tablename, array_length(attnames, 1) AS columns FROM pg_publication_tables WHERE pubname = 'truc' ORDER BY 1`,
      );
      expect(published.rows).toEqual(tables.map(({ table, columns }) => ({ tablename: table.split('.')[1], columns: columns.length })));
    } finally {
      await agent.end();
      await population.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  const happened: LifeEvent[] = [];
  const live = (events: number) =>
    runLife(
      world,
      { populationUrl: population.url },
      { seed, eventsPerSecond: Infinity, events, onEvent: (event) => happened.push(event) },
    );

  it('lives, and goes on living where it stopped, without breaking a rule', async () => {
    expect(await live(80)).toBe(80);
    expect(await live(120)).toBe(120);
    expect(happened.map(({ number }) => number)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(new Set(happened.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(6);
    expect(happened.filter(({ rows }) => rows > 0).length).toBeGreaterThan(180);
    const births = happened.filter(({ kind, rows }) => kind === 'birth' && rows > 0).length;
    expect(births).toBeGreaterThan(10);
    expect(await count(population, 'dancu.cong_dan')).toBe(3000 + births);
    const { refused } = await judge(population.url, 'dancu.cong_dan');
    const mended = happened.filter(({ kind, rows }) => kind === 'mending' && rows > 0).length;
    expect(refused.length).toBe(stated.length - mended);
    expectStated(
      refused,
      stated.filter(({ key }) => refused.some((one) => one.key === key)),
    );
    expect((await judge(population.url, 'dancu.ho_gia_dinh')).refused).toEqual([]);
  });

  it('merges communes in one transaction for each database, once', async () => {
    const { refused: before } = await judge(population.url, 'dancu.cong_dan');
    const old = new Set(world.division.communesBefore.map(({ code }) => code));
    const rows = await population.query<{ ma: string | null }>('SELECT ma_xa_thuong_tru AS ma FROM dancu.cong_dan');
    const toMove = rows.rows.filter(({ ma }) => ma !== null && old.has(ma)).length;
    const merged = await runMerger(world, urls());
    expect(merged.population.residents).toBe(toMove);
    expect(merged.population.residentsRekeyed).toBeGreaterThan(toMove / 5);
    expect(merged.population.households).toBe(await count(population, 'dancu.ho_gia_dinh'));
    // Every row that the merger touched carries the mark of one and the same transaction.
    expect(await count(population, `(SELECT DISTINCT xmin::text FROM dancu.cong_dan WHERE cap_nhat_luc >= '2025-07-01 00:00+07') t`)).toBe(
      1,
    );
    expect(await count(population, `dancu.cong_dan WHERE cap_nhat_luc >= '2025-07-01 00:00+07'`)).toBe(toMove);

    const { communesBefore, communesAfter } = world.division;
    const present = new Set(communesAfter.map(({ code }) => code));
    expect(merged.administrative).toEqual({
      provincesClosed: 29,
      provincesChanged: 34,
      communesClosed: communesBefore.filter(({ code }) => !present.has(code)).length,
      communesChanged: communesAfter.filter(({ code }) => old.has(code)).length,
      communesOpened: communesAfter.filter(({ code }) => !old.has(code)).length,
    });
    expect(await count(administrative, 'dvhc.xa WHERE den_ngay IS NULL')).toBe(communesAfter.length);
    for (const [db, table] of [
      [population, 'dancu.ho_gia_dinh'],
      [administrative, 'dvhc.tinh'],
      [administrative, 'dvhc.xa'],
    ] as const) {
      expect((await judge(db.url, table)).refused).toEqual([]);
    }
    const { refused: after } = await judge(population.url, 'dancu.cong_dan');
    expect(after.map(({ key }) => key).sort()).toEqual(before.map(({ key }) => key).sort());
    expect(
      await count(
        population,
        `dancu.cong_dan c JOIN dancu.ho_gia_dinh h ON h.so_dd_chu_ho = c.so_dinh_danh WHERE trim(h.ma_xa) <> c.ma_xa_thuong_tru`,
      ),
    ).toBe(0);

    const again = await runMerger(world, urls());
    expect(again).toEqual({
      population: { residents: 0, residentsRekeyed: 0, households: 0 },
      administrative: { provincesClosed: 0, provincesChanged: 0, communesClosed: 0, communesChanged: 0, communesOpened: 0 },
    });
  });

  it('goes on living in the new communes', async () => {
    await live(150);
    expect(await count(population, `dancu.cong_dan WHERE cap_nhat_luc > '2025-07-01 00:00+07'`)).toBeGreaterThan(100);
    const { refused } = await judge(population.url, 'dancu.cong_dan');
    const mended = happened.filter(({ kind, rows }) => kind === 'mending' && rows > 0).length;
    expect(refused.length).toBe(stated.length - mended);
    expect((await judge(population.url, 'dancu.ho_gia_dinh')).refused).toEqual([]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const run = runLife(
      world,
      { populationUrl: population.url },
      { seed, eventsPerSecond: 1, signal: stop.signal, onEvent: () => stop.abort() },
    );
    expect(await run).toBe(1);
  });
});
