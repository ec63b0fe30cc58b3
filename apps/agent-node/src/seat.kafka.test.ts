import { randomUUID } from 'node:crypto';
import { topicNames, type AgentReply } from '@truc/coordination';
import { openLogAdmin, openLogReader, openLogWriter, retainedTopic, type KafkaConnection } from '@truc/kafka';
import { scanToEnd, type LogWriter } from '@truc/pipeline';
import { createLogger, Telemetry } from '@truc/telemetry';
import { eventually, testKafka } from '@truc/testing';
import { agentConfiguration } from './configuration.js';
import { Seat } from './seat.js';

/** Nothing listens there: no policy names these databases, so that nobody connects. */
const url = 'postgres://x@127.0.0.1:1/x';
const source = (slot: string) => ({ url, slot, publication: slot });

describe('several nodes of one agency', () => {
  const { prefix, ...connection } = testKafka();
  const kafka: KafkaConnection = connection;
  // Topics of commands have fixed names, so that the agency is this test's own.
  const agency = `G91.${prefix
    .replaceAll(/[^a-z0-9]/gi, '')
    .slice(-6)
    .toUpperCase()
    .replace(/(...)(...)/, '$1.$2')}`;
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  const log = createLogger('test', { level: 'silent' });
  const reader = openLogReader({ connection: kafka });
  const open: Seat[] = [];
  let writer: LogWriter;

  function node(holder: string, databases: { readonly sources?: object; readonly targets?: object }): Seat {
    const registry = { url: 'http://127.0.0.1:1', principal: 'x', token: 'x' };
    const { seats } = agentConfiguration.parse({ port: 0, seats: [{ agency, kafka, registry, ...databases }] });
    const seat = new Seat(seats[0]!, holder, telemetry, log);
    open.push(seat);
    seat.start();
    return seat;
  }

  /** Sends one command, and again while nobody has answered, and returns every answer that there is then. */
  async function ask(place: { readonly source: string | null; readonly target: string | null }, command = 'status'): Promise<AgentReply[]> {
    const id = randomUUID();
    const topic = topicNames.command(agency);
    const header = (key: string, value: string) => ({ key, value: Buffer.from(value) });
    const deadlineMs = Date.now() + 60_000;
    const value = { id, command, ...place, resolution: null, deadlineMs, principal: 'alice' };
    const answers: AgentReply[] = [];
    await eventually(
      async () => {
        await writer.write([
          {
            topic,
            partition: 0,
            key: Buffer.from(id),
            value: Buffer.from(JSON.stringify(value)),
            headers: [
              header('kafka_correlationId', id),
              header('kafka_replyTopic', topicNames.reply(agency)),
              header('kafka_replyPartition', '0'),
            ],
            timestampMs: Date.now(),
          },
        ]);
        answers.length = 0;
        for await (const record of scanToEnd(reader, topicNames.reply(agency), 0, -2n, AbortSignal.timeout(10_000))) {
          const reply = JSON.parse(record.value?.toString() || 'null') as AgentReply | null;
          if (reply?.id === id) answers.push(reply);
        }
        expect(answers.length).toBeGreaterThan(0);
      },
      { timeoutMs: 40_000, intervalMs: 500 },
    );
    return answers;
  }

  beforeAll(async () => {
    const admin = openLogAdmin({ connection: kafka });
    const names = [topicNames.command(agency), topicNames.reply(agency)];
    await admin.ensureTopics(names.map((name) => ({ name, partitions: 1, config: retainedTopic(1) })));
    await admin.close();
    const partitions = [{ topic: topicNames.command(agency), partition: 0 }];
    writer = await openLogWriter({ connection: kafka, transactionalId: `${prefix}.commands`, partitions });
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((seat) => seat.close()));
  });

  afterAll(async () => {
    await writer.close();
    await reader.close();
    await telemetry.shutdown();
  });

  it('act each for the databases that the others do not have, and take turns at those that they share', async () => {
    const first = node('a, pid 1', { sources: { population: source('population') } });
    const second = node('b, pid 2', { targets: { tax: { url } } });
    await eventually(() => expect([first.roles, second.roles]).toEqual([{ 'source/population': 'acting' }, { 'target/tax': 'acting' }]));
    const third = node('c, pid 3', { sources: { population: source('population'), land: source('land') }, targets: { tax: { url } } });
    await eventually(() =>
      expect(third.roles).toEqual({ 'source/population': 'standby', 'source/land': 'acting', 'target/tax': 'standby' }),
    );
    await first.close();
    await eventually(() =>
      expect(third.roles).toEqual({ 'source/population': 'acting', 'source/land': 'acting', 'target/tax': 'standby' }),
    );
    expect(second.roles).toEqual({ 'target/tax': 'acting' });
  }, 60_000);

  it('answer each for what they act for, and for nothing else', async () => {
    const first = node('a, pid 1', { sources: { population: source('population') } });
    const second = node('b, pid 2', { targets: { tax: { url } } });
    await eventually(() => expect([...Object.values(first.roles), ...Object.values(second.roles)]).toEqual(['acting', 'acting']));
    node('c, pid 3', { sources: { population: source('population') }, targets: { tax: { url } } });
    const ofSource = await ask({ source: 'population', target: null });
    const ofTarget = await ask({ source: null, target: 'tax' });
    for (const { ok, detail } of ofSource) expect([ok, Object.keys(detail)]).toEqual([true, ['source/population']]);
    for (const { ok, detail } of ofTarget) expect([ok, Object.keys(detail)]).toEqual([true, ['target/tax']]);
    // The successor takes the commands with the database.
    await first.close();
    const [paused] = await ask({ source: 'population', target: null }, 'pause');
    expect(paused).toMatchObject({ ok: true, message: 'paused: source/population' });
  }, 120_000);
});
