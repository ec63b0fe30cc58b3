import { readFileSync } from 'node:fs';
import type { CommandLine } from '../commands/command-line.test-data.js';
import { agencyCommandLine } from './agency-command-line.test-data.js';
import { catalogue, statementsOf, testedServers, type AgencyDatabase } from './agency-database.test-data.js';

const ddl = `
  create schema dan_cu;
  create table dan_cu.ho (ma_ho varchar(12) primary key, so_thanh_vien int, ghi_chu text);
  insert into dan_cu.ho values ('100000000001', 3, 'riêng');`;

const documents = `
dataset: {name: agency.household, agency: G01, title: {vi: Hộ, en: Households}}
---
source: {agency: G01, database: agency, schema: dan_cu, name: {vi: Dân cư, en: Population}}
tables:
  - table: dan_cu.ho
    subject: household
    publish: true
    primaryKey: [ma_ho]
    identification: {column: ma_ho, element: 'urn:vn:ddict:element:household.household-id'}
    columns:
      - {column: ma_ho, element: 'urn:vn:ddict:element:household.household-id'}
      - {column: so_thanh_vien, element: 'urn:vn:ddict:element:household.member-count'}
`;

describe.each(testedServers())('what capturing left in PostgreSQL $version', ({ programs }) => {
  let database: AgencyDatabase;
  let line: CommandLine;
  let before: unknown;

  agencyCommandLine(programs, ddl, (opened) => ({ database, line, before } = opened));

  const remove = (role: string, ...more: string[]) =>
    line.run('source', 'remove', '--url-file', database.file(`${role}.txt`, database.url(role)), ...more);

  it('is removed by whoever may, told to whoever may not, and looked for again', async () => {
    const superuser = await database.as('postgres');
    const [mapping, url, sql] = [
      database.file('m.yaml', documents),
      database.file('url.txt', database.url('postgres')),
      `${database.directory}/s.sql`,
    ];
    await line.run('source', 'check', '--url-file', url, '-f', mapping, '--sql', sql);
    for (const statement of statementsOf(readFileSync(sql, 'utf8'))) {
      if (!/^ALTER SYSTEM|pg_reload_conf/.test(statement)) await superuser.query(statement);
    }
    await superuser.query(`alter role truc_capture password 'truc_capture'`);
    await superuser.query(`create publication truc_another`);
    await (await database.as('truc_capture')).query(`select pg_create_logical_replication_slot('truc_agency', 'pgoutput')`);
    const [{ n }] = (await superuser.query(`select count(*)::int as n from pg_stat_activity where usename = 'truc_capture'`)).rows as [
      { n: number },
    ];
    expect(n).toBe(1);

    const dry = await remove('postgres', '--dry-run');
    expect(dry.code).toBe(2);
    expect(dry.out).toContain('slot truc_agency: would be removed');
    expect(dry.out).toContain('role truc_capture: 1 sessions of it are open: stop the agent first');
    expect(dry.out).toContain('Not asked for, and left alone: publication truc_another');
    expect((await remove('postgres')).code).toBe(2);
    expect((await superuser.query('select from pg_replication_slots')).rowCount).toBe(1);

    // The role that captures may drop its slot, and nothing else.
    const own = await remove('truc_capture', '--role', 'truc_capture', '--yes');
    expect(own.code).toBe(2);
    expect(own.out).toContain('slot truc_agency: removed');
    expect(own.out).toMatch(/Statements for somebody who may:\n {4}DROP PUBLICATION truc_agency;\n[^]* {4}DROP ROLE truc_capture;/);

    await superuser.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'truc_capture'`);
    await superuser.query(`drop publication truc_another`);
    const done = await remove('postgres', '--yes');
    expect(done.out).toMatch(
      /Looked for, now:\n {2}slot truc_agency: not there\n {2}publication truc_agency: not there\n {2}role truc_capture: not there\n {2}rights of truc_capture: not there\nNothing is left\.\n$/,
    );
    expect(done.code).toBe(0);
    expect(await catalogue(superuser)).toEqual(before);

    const again = await remove('postgres', '-o', 'json');
    expect([again.code, (JSON.parse(again.out) as { verdict: string }).verdict]).toEqual([0, 'nothing left']);
  });

  it('is left where a reader is at work', async () => {
    const superuser = await database.as('postgres');
    await superuser.query(`select pg_create_logical_replication_slot('truc_agency', 'pgoutput'); create publication truc_agency`);
    const { PostgresChangeSource } = await import('@truc/postgres-capture');
    const stop = new AbortController();
    const source = new PostgresChangeSource({
      connectionString: database.url('postgres'),
      slot: 'truc_agency',
      publication: 'truc_agency',
      tables: [],
    });
    const [{ lsn }] = (await superuser.query(`select (confirmed_flush_lsn - '0/0'::pg_lsn)::text as lsn from pg_replication_slots`))
      .rows as [{ lsn: string }];
    const reading = (async () => {
      for await (const _ of source.stream({ after: BigInt(lsn), snapshots: [] }, stop.signal)) expect(_).toBeDefined();
    })();
    for (;;) {
      const { rowCount } = await superuser.query('select from pg_replication_slots where active');
      if (rowCount === 1) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { code, out } = await remove('postgres', '--yes');
    stop.abort();
    await reading;
    expect(code).toBe(2);
    expect(out).toMatch(/slot truc_agency: somebody reads it \(process [0-9]+ of the server\): stop the agent first/);
    expect(out).toContain('slot truc_agency: STILL THERE');
    expect((await remove('postgres', '--yes')).code).toBe(0);
  });
});
