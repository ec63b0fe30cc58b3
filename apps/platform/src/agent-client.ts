import { setTimeout as sleep } from 'node:timers/promises';
import { ClientKafka } from '@nestjs/microservices';
import { agentReply, topicNames, type AgentCommand, type AgentReply } from '@truc/coordination';
import { commandClient, commandConsumer, type KafkaConnection } from '@truc/kafka';
import { agencySlug, TrucError } from '@truc/kernel';
import { firstValueFrom, timeout } from 'rxjs';

/** Nest's Kafka client with our names: a command goes to `command.<agency>`, its reply comes on `reply.<agency>`. */
class CommandTransport extends ClientKafka {
  protected override getResponsePatternName(pattern: string): string {
    return pattern.replace(/^command\./, 'reply.');
  }

  /** A request names the partition of its reply, which is known once the group has given it to us. */
  async untilAssigned(topic: string, deadlineMs: number): Promise<void> {
    await this.connect();
    while (this.getConsumerAssignments()[topic] === undefined) {
      if (Date.now() > deadlineMs)
        throw new TrucError('PLATFORM_NOT_READY', `the reply topic ${topic} cannot be read at the moment`, { retry: true });
      await sleep(20);
    }
  }
}

/** Sends commands to one agency's agent. Whether the agent can be reached shows only in its reply. */
export class AgentClient {
  readonly #transport: CommandTransport;
  readonly #command: string;
  readonly #reply: string;

  constructor(connection: KafkaConnection, agency: string) {
    this.#command = topicNames.command(agency);
    this.#reply = topicNames.reply(agency);
    this.#transport = new CommandTransport({
      client: commandClient(connection, 'platform.commands'),
      consumer: commandConsumer(`platform.commands.${agencySlug(agency)}`),
      producer: { allowAutoTopicCreation: false },
    });
    this.#transport.subscribeToResponseOf(this.#command);
  }

  /**
   * Sends the command, and again with the same id while no reply comes, until its deadline.
   * @param onAttempt told before each sending
   * @throws TrucError PLATFORM_AGENT_SILENT, PLATFORM_NOT_READY
   */
  async send(command: AgentCommand, onAttempt: () => Promise<void>): Promise<AgentReply> {
    const { deadlineMs } = command;
    await this.#transport.untilAssigned(this.#reply, deadlineMs);
    const patienceMs = Math.max(1000, Math.floor((deadlineMs - Date.now()) / 3));
    while (Date.now() < deadlineMs) {
      await onAttempt();
      const waitMs = Math.max(1, Math.min(patienceMs, deadlineMs - Date.now()));
      const answer = this.#transport.send<unknown>(this.#command, { key: command.id, value: command }).pipe(timeout(waitMs));
      const reply = agentReply.safeParse(await firstValueFrom(answer).catch(() => null));
      if (reply.success && reply.data.id === command.id) return reply.data;
    }
    throw new TrucError(
      'PLATFORM_AGENT_SILENT',
      'the agent did not answer in time: it is stopped, cut off, or busy starting; try again when it is back',
      { retry: true },
    );
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
