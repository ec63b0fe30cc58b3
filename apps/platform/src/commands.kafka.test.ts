import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { agentCommand } from '@truc/coordination';
import { commandClient, commandConsumer } from '@truc/kafka';
import { startKafka } from '@truc/local-stack';
import { testPostgres } from '@truc/testing';
import { dictionary, documents, RunningPlatform } from './running-platform.test-data.js';

describe('commands of the platform', () => {
  const backbone = new RunningPlatform({ startKafka, testPostgres });
  const { call, keepAccess } = backbone;

  beforeAll(async () => {
    expect((await call('POST', '/v1/apply', { files: [...dictionary, ...documents] })).status).toBe(200);
  }, 60_000);

  it('sends a command to an agent and brings its reply, repeats it when it is lost, and says when nobody answers', async () => {
    const credentials = (await call('POST', '/v1/principals', { name: 'agent.g01', role: 'agent', agency: 'G01' })).body;
    await keepAccess();
    const silent = await call('POST', '/v1/agents/G01/commands', { command: 'status', timeoutMs: 4000 });
    expect(silent).toMatchObject({
      status: 504,
      body: { code: 'PLATFORM_AGENT_SILENT', message: expect.stringContaining('did not answer') },
    });

    const received: string[] = [];
    @Controller()
    class FakeAgent {
      @MessagePattern('command.g01')
      answer(@Payload() message: unknown): object | Promise<object> {
        const { id, command, source, deadlineMs } = agentCommand.parse(message);
        // The command that nobody waited for is in the topic still.
        if (deadlineMs < Date.now()) return new Promise<object>(() => {});
        received.push(id);
        // The first one is lost on the way.
        if (received.length === 1) throw new Error('lost');
        return { id, ok: command !== 'pause', message: `${command} ${source ?? 'all'}`, detail: {} };
      }
    }
    @Module({ controllers: [FakeAgent] })
    class AgentModule {}
    const client = commandClient({ ...backbone.superUser, ...credentials.kafka }, 'agent.g01');
    const agent = await NestFactory.createMicroservice<MicroserviceOptions>(AgentModule, {
      logger: false,
      transport: Transport.KAFKA,
      options: {
        client,
        consumer: commandConsumer('agent.g01.commands'),
        producer: { allowAutoTopicCreation: false },
      },
    });
    await agent.listen();
    try {
      const answered = await call('POST', '/v1/agents/G01/commands', { command: 'resume', source: 'population', timeoutMs: 30_000 });
      expect(answered).toMatchObject({ status: 200, body: { ok: true, message: 'resume population' } });
      expect(new Set(received).size).toBe(1);
      expect(received.length).toBeGreaterThan(1);
      const refused = await call('POST', '/v1/agents/G01/commands', { command: 'pause', timeoutMs: 30_000 }, credentials.token);
      expect(refused).toMatchObject({ status: 200, body: { ok: false, message: 'pause population' } });
      const quarantine = { dataset: 'population.resident', entry: '7' };
      const shown = { command: 'quarantine', source: 'population', quarantine, timeoutMs: 30_000 };
      expect((await call('POST', '/v1/agents/G01/commands', shown, credentials.token)).body).toMatchObject({
        message: 'quarantine population',
      });
      expect((await call('POST', '/v1/agents/G12/commands', shown, credentials.token)).status).toBe(403);
      for (const wrong of [
        { ...shown, source: null },
        { ...shown, quarantine: undefined },
        { ...shown, command: 'status' },
      ])
        expect((await call('POST', '/v1/agents/G01/commands', wrong)).status).toBe(400);
      expect((await call('POST', '/v1/agents/G12/commands', { command: 'pause' }, credentials.token)).status).toBe(403);
      expect((await call('POST', '/v1/agents/G55/commands', { command: 'pause' })).status).toBe(404);
      const { audit } = (await call('GET', '/v1/audit')).body;
      expect(audit.slice(0, 4)).toMatchObject([
        { action: 'agent.quarantine', principal: 'agent.g01', result: 'answered', detail: quarantine },
        { action: 'agent.pause', principal: 'agent.g01', result: 'refused' },
        { action: 'agent.resume', principal: 'administrator', result: 'answered' },
        { action: 'agent.status', result: 'timed-out' },
      ]);
      const elsewhere = await call('POST', '/v1/agents/G01/commands', { command: 'pause', source: 'nothing' });
      expect(elsewhere).toMatchObject({
        status: 200,
        body: { ok: false, message: 'G01 has no source nothing: its sources are population' },
      });
    } finally {
      await agent.close();
    }
  }, 120_000);
});
