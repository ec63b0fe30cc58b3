import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testKafka, testPostgres, type TestPostgres } from '@truc/testing';
import type { Diagnosis } from '../doctor/diagnosis.js';
import { CommandLine } from './command-line.test-data.js';

describe('truc doctor before real servers', () => {
  const line = new CommandLine();
  const { prefix, brokers, username, password, mechanism } = testKafka();
  const slot = `truc_${prefix.replaceAll(/[^a-z0-9]/g, '_')}`.slice(0, 60);
  let database: TestPostgres;
  beforeAll(async () => {
    await line.open();
    line.answers = { 'GET /subjects': { body: [] } };
    database = await testPostgres();
  });
  afterAll(async () => {
    await database.query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1`, [slot]);
    await database.drop();
    line.close();
  });

  async function doctor(kafkaPassword: string, url: string): Promise<Diagnosis[]> {
    const kafka = { brokers, username, password: { file: 'password' }, mechanism };
    const seat = {
      agency: 'G01',
      kafka,
      registry: { url: line.url, principal: 'agent.g01', token: { file: 'password' } },
      sources: { population: { url: { file: 'url' }, slot, publication: 'people' } },
    };
    writeFileSync(join(line.directory, 'node.json'), JSON.stringify({ seats: [seat] }));
    writeFileSync(join(line.directory, 'password'), kafkaPassword);
    writeFileSync(join(line.directory, 'url'), url);
    return JSON.parse((await line.run('doctor', '--config', 'node.json', '-o', 'json')).out) as Diagnosis[];
  }
  const of = (found: readonly Diagnosis[], check: string) => found.filter((one) => one.check === check);

  it('is let in by Kafka and by the registry, and misses publication and slot until they are there', async () => {
    const found = await doctor(password, database.url);
    expect([...of(found, `kafka ${username}`), ...of(found, 'registry')]).toMatchObject([{ state: 'ok' }, { state: 'ok' }]);
    expect(of(found, 'source G01/population')).toMatchObject([
      { state: 'wrong', what: 'there is no publication people' },
      { state: 'wrong', what: expect.stringContaining(slot) as string },
    ]);
    await database.query('CREATE PUBLICATION people');
    await database.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
    expect(of(await doctor(password, database.url), 'source G01/population')).toMatchObject([
      { state: 'wrong', what: `nobody reads the slot ${slot}: it keeps what is written, on the disk of the database` },
    ]);
  });

  it('knows passwords that Kafka and PostgreSQL refuse', async () => {
    const url = new URL(database.url);
    url.password = 'not-the-password';
    const found = await doctor('not-the-password', url.href);
    expect(of(found, `kafka ${username}`)).toMatchObject([{ state: 'wrong', mend: expect.stringContaining('principal ensure') as string }]);
    expect(of(found, 'source G01/population')).toMatchObject([{ state: 'wrong', mend: expect.stringMatching(/^psql/) as string }]);
    expect(JSON.stringify(found)).not.toContain('not-the-password');
  });
});
