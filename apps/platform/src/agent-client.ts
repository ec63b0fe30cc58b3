import { setTimeout as sleep } from 'node:timers/promises';
import { ClientKafka } from '@nestjs/microservices';
import { agentReply, topicNames, type AgentCommand, type AgentReply } from '@truc/coordination';
import { commandClient, commandConsumer, type KafkaConnection } from '@truc/kafka';
import { agencySlug, TrucError, withinMs } from '@truc/kernel';
import { firstValueFrom, timeout } from 'rxjs';

/** Nest's Kafka client with our names: a command goes to `command.<agency>`, its reply comes on `reply.<agency>`. */
class CommandTransport extends ClientKafka {
  #isGone = false;

  /** Whether the consumer of replies has given up for good: kafkajs does so where a login fails, be it that the line was cut in the middle of it. Also once it is closed. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** A request names the partition of its reply, which is known once the group has given it to us. @returns false where that is not so by the deadline, and where there is no line to the brokers */
  async isAssigned(topic: string, deadlineMs: number): Promise<boolean> {
    let isConnected = false;
    await withinMs(
      deadlineMs - Date.now(),
      this.connect().then(() => {
        isConnected = true;
      }),
    );
    const isThere = (): boolean => this.getConsumerAssignments()[topic] !== undefined;
    while (isConnected && !this.#isGone && !isThere() && Date.now() < deadlineMs) await sleep(20);
    return isConnected && !this.#isGone && isThere();
  }

  /** What was closed is not opened again behind the back of whoever opened another one. */
  override connect(): ReturnType<ClientKafka['connect']> {
    return this.#isGone ? Promise.reject(new Error('the line is closed')) : super.connect();
  }

  override close(): Promise<void> {
    this.#isGone = true;
    return super.close();
  }

  protected override getResponsePatternName(pattern: string): string {
    return pattern.replace(/^command\./, 'reply.');
  }

  protected override registerConsumerEventListeners(): void {
    super.registerConsumerEventListeners();
    this.consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) this.#isGone = true;
    });
  }
}

/** Pause before a line that failed is tried again, in milliseconds. */
const againMs = 250;

/** Sends commands to one agency's agent. Whether the agent can be reached shows only in its reply. */
export class AgentClient {
  readonly #connection: KafkaConnection;
  readonly #agency: string;
  readonly #command: string;
  readonly #reply: string;
  #transport: CommandTransport | null = null;
  #isClosed = false;

  constructor(connection: KafkaConnection, agency: string) {
    this.#connection = connection;
    this.#agency = agency;
    this.#command = topicNames.command(agency);
    this.#reply = topicNames.reply(agency);
  }

  /**
   * Sends the command, and again with the same id while no reply comes, until its deadline; over another line where the one that it had has gone.
   * @param onAttempt told before each sending
   * @throws TrucError PLATFORM_AGENT_SILENT; PLATFORM_NOT_READY where it was never sent
   */
  async send(command: AgentCommand, onAttempt: () => Promise<void>): Promise<AgentReply> {
    const { deadlineMs } = command;
    const patienceMs = Math.max(1000, Math.floor((deadlineMs - Date.now()) / 3));
    let isSent = false;
    while (!this.#isClosed && Date.now() < deadlineMs) {
      const transport = this.#line();
      if (!(await transport.isAssigned(this.#reply, deadlineMs))) {
        await sleep(againMs);
        continue;
      }
      await onAttempt();
      isSent = true;
      const waitMs = Math.max(1, Math.min(patienceMs, deadlineMs - Date.now()));
      const answer = transport.send<unknown>(this.#command, { key: command.id, value: command }).pipe(timeout(waitMs));
      const reply = agentReply.safeParse(await firstValueFrom(answer).catch(() => sleep(againMs, null)));
      if (reply.success && reply.data.id === command.id) return reply.data;
    }
    if (!isSent) throw new TrucError('PLATFORM_NOT_READY', `the reply topic ${this.#reply} cannot be read at the moment`, { retry: true });
    throw new TrucError(
      'PLATFORM_AGENT_SILENT',
      'the agent did not answer in time: it is stopped, cut off, or busy starting; try again when it is back',
      { retry: true },
    );
  }

  /** Whoever waits for a reply is told that none came. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#transport?.close();
  }

  #line(): CommandTransport {
    const known = this.#transport;
    if (known !== null && !known.isGone) return known;
    // Whoever waits for a reply on it asks again over the next one.
    void known?.close().catch(() => {});
    const transport = new CommandTransport({
      client: commandClient(this.#connection, 'platform.commands'),
      consumer: commandConsumer(`platform.commands.${agencySlug(this.#agency)}`),
      producer: { allowAutoTopicCreation: false },
    });
    transport.subscribeToResponseOf(this.#command);
    this.#transport = transport;
    return transport;
  }
}
