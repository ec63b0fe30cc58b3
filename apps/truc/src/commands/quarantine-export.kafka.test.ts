import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '@truc/coordination';
import { compactedTopic, openLogAdmin, openLogWriter } from '@truc/kafka';
import { QuarantineBook } from '@truc/pipeline';
import { testKafka } from '@truc/testing';
import { CommandLine } from './command-line.test-data.js';

describe('truc quarantine export', () => {
  const { prefix, ...connection } = testKafka();
  const dataset = `${prefix.replaceAll(/[^a-z0-9]/g, '')}.resident`;
  const topic = topicNames.quarantine('G01', dataset);
  const rows = 3_000;
  let line: CommandLine;

  beforeAll(async () => {
    line = new CommandLine();
    const { brokers, username, password, mechanism } = connection;
    const seat = { agency: 'G01', kafka: { brokers, username, password: { file: 'password' }, mechanism }, sources: {}, registry: {} };
    writeFileSync(join(line.directory, 'agent.json'), JSON.stringify({ host: 'x', port: 1, seats: [seat] }));
    writeFileSync(join(line.directory, 'password'), password);
    const admin = openLogAdmin({ connection });
    await admin.ensureTopics([{ name: topic, partitions: 1, config: compactedTopic() }]);
    await admin.close();
    const writer = await openLogWriter({ connection, transactionalId: `${prefix}export`, partitions: [{ topic, partition: 0 }] });
    const book = new QuarantineBook(topic, 1);
    const at = (sequence: number) => ({ epoch: 1, sequence: BigInt(sequence), index: 0 });
    for (let number = 0; number < rows; number += 1) {
      const reasons = [
        {
          rule: number % 3 === 0 ? 'V6' : 'V2',
          element: 'urn:vn:ddict:element:person.full-name',
          field: 'person_full_name',
          reason: 'double-space',
        },
      ];
      const columns = new Map([['ho_ten', `Nguyễn  ${number}`]]);
      const row = {
        dataset,
        table: 'dancu.cong_dan',
        sourceKey: `["${number}"]`,
        position: at(number),
        reasons,
        columns,
        lastPublishedKey: null,
      };
      await writer.write([book.hold(row, 0)]);
    }
    await writer.write(Array.from({ length: 10 }, (_, number) => book.release(`["${number}"]`, at(rows + number), 0)));
    await writer.flush();
    await writer.close();
  });
  afterAll(() => line.close());

  const exported = (...args: string[]) => line.run('quarantine', 'export', 'G01', dataset, '--config', 'agent.json', ...args);
  const read = (name: string) => readFileSync(join(line.directory, name), 'utf8');

  it('writes every row that is held, in clear, for the owner of the file', async () => {
    const { code, out } = await exported('--out', 'held.csv');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`${rows - 10} rows written to held.csv`) as string });
    const lines = read('held.csv').trimEnd().split('\r\n');
    expect(lines).toHaveLength(rows - 10 + 1);
    expect(lines[0]).toMatch(/reasons,column:ho_ten$/);
    expect(lines[1]).toContain('"[""10""]"');
    expect(lines[1]).toContain('Nguyễn  10');
    expect(statSync(join(line.directory, 'held.csv')).mode & 0o777).toBe(0o600);
  });

  it('writes those of one rule, as lines of JSON', async () => {
    expect((await exported('--out', 'v6.jsonl', '--format', 'jsonl', '--rule', 'v6')).code).toBe(0);
    const told = read('v6.jsonl')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { columns: { ho_ten: string }; reasons: { rule: string }[] });
    expect(told).toHaveLength(rows / 3 - 4);
    expect(told[0]).toMatchObject({ columns: { ho_ten: 'Nguyễn  12' }, reasons: [{ rule: 'V6' }] });
  });

  it('says so where there is nothing to see, and leaves nothing behind', async () => {
    const { code, err } = await line.run('quarantine', 'export', 'G01', 'no.such', '--config', 'agent.json', '--out', 'none.csv');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('G01 sees no quarantine of no.such') as string });
    expect((await exported('--out', 'held.csv')).err).toContain('--force');
    expect(readdirSync(line.directory).filter((name) => name.includes('none') || name.includes('part'))).toEqual([]);
  });
});
