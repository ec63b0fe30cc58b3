import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { topicNames, type AgentCommand } from '@truc/coordination';
import { commandClient, commandConsumer, openLogAdmin, retainedTopic, type BrokerAcl, type KafkaConnection } from '@truc/kafka';
import { Secret } from '@truc/kernel';
import { startKafka, type KafkaServer } from '@truc/local-stack';
import { eventually } from '@truc/testing';
import { AgentClient } from './agent-client.js';

const [command, reply] = [topicNames.command('G01'), topicNames.reply('G01')];
const own = { principal: 'User:asker', patternType: 'literal' } as const;
const group: BrokerAcl = { ...own, resourceType: 'group', name: 'platform.commands.g01-client', operation: 'read' };

@Controller()
class FakeAgent {
  @MessagePattern(command)
  answer(@Payload() { id }: { id: string }): object {
    return { id, ok: true, message: 'status', detail: {} };
  }
}
@Module({ controllers: [FakeAgent] })
class AgentModule {}

describe('a line to an agent', () => {
  let kafka: KafkaServer;
  let agent: INestMicroservice;
  const superUser = (): KafkaConnection => {
    const { brokers, username, password, mechanism } = kafka;
    return { brokers: [...brokers], username, password, mechanism };
  };

  beforeAll(async () => {
    kafka = await startKafka({ directory: mkdtempSync(join(tmpdir(), 'truc-agent-client-')) });
    const admin = openLogAdmin({ connection: superUser() });
    await admin.ensureTopics([command, reply].map((name) => ({ name, partitions: 1, config: retainedTopic(1) })));
    await admin.upsertScramUser('asker', 'one');
    await admin.createAcls([
      { ...own, resourceType: 'topic', name: command, operation: 'write' },
      { ...own, resourceType: 'topic', name: reply, operation: 'read' },
      group,
    ]);
    await admin.close();
    const options = {
      client: commandClient(superUser(), 'agent'),
      consumer: commandConsumer('agent.commands'),
      producer: { allowAutoTopicCreation: false },
    };
    agent = await NestFactory.createMicroservice<MicroserviceOptions>(AgentModule, { logger: false, transport: Transport.KAFKA, options });
    await agent.listen();
  }, 120_000);
  afterAll(async () => {
    await agent.close();
    await kafka.stop();
  }, 60_000);

  it('is made anew where the consumer of replies has given up', async () => {
    const client = new AgentClient({ ...superUser(), username: 'asker', password: new Secret('x', () => 'one') }, 'G01');
    const asked = (waitMs: number): Promise<string> => {
      const message: AgentCommand = {
        id: randomUUID(),
        command: 'status',
        source: 'population',
        target: null,
        resolution: null,
        deadlineMs: Date.now() + waitMs,
        principal: 'x',
      };
      return client
        .send(message, () => Promise.resolve())
        .then(
          ({ message: told }) => told,
          (error: { code?: string }) => error.code ?? 'another error',
        );
    };
    expect(await asked(30_000)).toBe('status');
    const admin = openLogAdmin({ connection: superUser() });
    await admin.deleteAcls([group]);
    await eventually(async () => expect(await asked(2_000)).toMatch(/^PLATFORM_/), { timeoutMs: 60_000, intervalMs: 500 });
    await admin.createAcls([group]);
    await admin.close();
    await eventually(async () => expect(await asked(5_000)).toBe('status'), { timeoutMs: 60_000, intervalMs: 200 });
    await client.close();
  }, 180_000);
});
