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

  #isGone = false;

  /** Whether the consumer of replies has given up for good: kafkajs does so where a login fails, be it that the line was cut in the middle of it. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** A request names the partition of its reply, which is known once the group has given it to us. @returns false where that is not so by the deadline, or never will be, because the consumer is gone */
  async isAssigned(topic: string, deadlineMs: number): Promise<boolean> {
    await this.connect();
    while (!this.#isGone && this.getConsumerAssignments()[topic] === undefined && Date.now() < deadlineMs) await sleep(20);
    return !this.#isGone && this.getConsumerAssignments()[topic] !== undefined;
  }

  protected override registerConsumerEventListeners(): void {
    super.registerConsumerEventListeners();
    this.consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) this.#isGone = true;
    });
  }
}

/** After so long without any reply the next command has a line of its own making, in milliseconds: an agent that is away cannot be told from a line of ours that went dead. */
const renewAfterMs = 20_000;
/** Pause before a line that failed is made again, in milliseconds. */
const againMs = 250;

/** Sends commands to one agency's agent. Whether the agent can be reached shows only in its reply. */
export class AgentClient {
  readonly #connection: KafkaConnection;
  readonly #agency: string;
  readonly #command: string;
  readonly #reply: string;
  #transport: CommandTransport | null = null;
  /** When nobody answered for the first time since the last reply; null where one came. */
  #silentSinceMs: number | null = null;

  constructor(connection: KafkaConnection, agency: string) {
    this.#connection = connection;
    this.#agency = agency;
    this.#command = topicNames.command(agency);
    this.#reply = topicNames.reply(agency);
  }

  /**
   * Sends the command, and again with the same id while no reply comes, until its deadline.
   * @param onAttempt told before each sending
   * @throws TrucError PLATFORM_AGENT_SILENT, PLATFORM_NOT_READY
   */
  async send(command: AgentCommand, onAttempt: () => Promise<void>): Promise<AgentReply> {
    const { deadlineMs } = command;
    if (this.#silentSinceMs !== null && Date.now() - this.#silentSinceMs > renewAfterMs) this.#drop();
    let transport = await this.#assigned(deadlineMs);
    const patienceMs = Math.max(1000, Math.floor((deadlineMs - Date.now()) / 3));
    while (Date.now() < deadlineMs) {
      if (transport !== this.#transport || transport.isGone) transport = await this.#assigned(deadlineMs);
      await onAttempt();
      const waitMs = Math.max(1, Math.min(patienceMs, deadlineMs - Date.now()));
      const answer = transport.send<unknown>(this.#command, { key: command.id, value: command }).pipe(timeout(waitMs));
      const reply = agentReply.safeParse(await firstValueFrom(answer).catch(() => sleep(againMs, null)));
      if (reply.success && reply.data.id === command.id) {
        this.#silentSinceMs = null;
        return reply.data;
      }
    }
    this.#silentSinceMs ??= Date.now();
    throw new TrucError(
      'PLATFORM_AGENT_SILENT',
      'the agent did not answer in time: it is stopped, cut off, or busy starting; try again when it is back',
      { retry: true },
    );
  }

  async close(): Promise<void> {
    await this.#transport?.close();
  }

  /** @throws TrucError PLATFORM_NOT_READY; of the connection to the brokers */
  async #assigned(deadlineMs: number): Promise<CommandTransport> {
    do {
      if (this.#transport?.isGone === true) this.#drop();
      const transport = (this.#transport ??= this.#opened());
      if (await transport.isAssigned(this.#reply, deadlineMs)) return transport;
      await sleep(againMs);
    } while (Date.now() < deadlineMs);
    throw new TrucError('PLATFORM_NOT_READY', `the reply topic ${this.#reply} cannot be read at the moment`, { retry: true });
  }

  #opened(): CommandTransport {
    const transport = new CommandTransport({
      client: commandClient(this.#connection, 'platform.commands'),
      consumer: commandConsumer(`platform.commands.${agencySlug(this.#agency)}`),
      producer: { allowAutoTopicCreation: false },
    });
    transport.subscribeToResponseOf(this.#command);
    return transport;
  }

  /** Whoever waits for a reply on it asks again on the next one. */
  #drop(): void {
    const transport = this.#transport;
    this.#transport = null;
    this.#silentSinceMs = null;
    void transport?.close().catch(() => {});
  }
}
