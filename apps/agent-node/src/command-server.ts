import { setTimeout as sleep } from 'node:timers/promises';
import { ServerKafka, type KafkaOptions } from '@nestjs/microservices';
import { agentCommand, topicNames, type AgentCommand, type AgentReply } from '@truc/coordination';
import { commandClient, commandConsumer, type KafkaConnection } from '@truc/kafka';
import { reasonOf } from '@truc/kernel';
import type { Logger } from '@truc/telemetry';
import { postGroup, type PostPlace } from './post-place.js';

type ServerOptions = NonNullable<KafkaOptions['options']>;

function serverOptions(connection: KafkaConnection, group: string): ServerOptions {
  return {
    client: commandClient(connection, group),
    consumer: commandConsumer(group),
    producer: { allowAutoTopicCreation: false },
    postfixId: '',
  };
}

/** Pause before it is tried again to receive commands, in milliseconds. */
const againMs = 3_000;

/** A command names what is to be done and has no rows in it; it is parsed while everybody else waits. */
const commandBytesMax = 64 * 1024;

/** Passes over what is meant for another database of the agency: whoever acts for that one reads the same topic, and answers. */
class PlaceTransport extends ServerKafka {
  readonly #place: PostPlace;
  readonly #log: Logger;

  constructor(options: ServerOptions, place: PostPlace, log: Logger) {
    super(options);
    this.#place = place;
    this.#log = log;
  }

  /** Told when the consumer has given up for good: kafkajs does so where the brokers refuse a login, as they do while a password is being changed. */
  onGone(listener: (error: Error) => void): void {
    this.consumer?.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) listener(payload.error);
    });
  }

  override async handleMessage(payload: CommandPayload): Promise<unknown> {
    const { topic, partition, message } = payload;
    const bytes = message.value?.length ?? 0;
    if (bytes > commandBytesMax) {
      const place = { topic, partition, offset: message.offset, bytes };
      this.#log.warn({ code: 'COMMAND_TOO_LARGE', ...place }, `a command has at most ${commandBytesMax} bytes; this one is passed over`);
      return undefined;
    }
    return isElsewhere(message.value, this.#place) ? undefined : super.handleMessage(payload);
  }
}

type CommandPayload = Parameters<ServerKafka['handleMessage']>[0];

/** What is no command that we know is not passed over: somebody has to say so. */
function isElsewhere(value: Buffer | null, { kind, database }: PostPlace): boolean {
  const read = parsed(value);
  return read.success && read.data[kind] !== database;
}

function parsed(value: Buffer | null): ReturnType<typeof agentCommand.safeParse> {
  try {
    return agentCommand.safeParse(JSON.parse(value?.toString() ?? 'null'));
  } catch {
    return agentCommand.safeParse(null);
  }
}

/**
 * Takes the commands for one of an agency's databases over Nest's Kafka transport: `command.<agency>`, answered on `reply.<agency>`. The broker lets only the platform
 * write there. A command may come twice; doing it again changes nothing.
 */
export class CommandServer {
  readonly #server: PlaceTransport;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #running: Promise<void> | null = null;

  constructor(connection: KafkaConnection, place: PostPlace, handle: (command: AgentCommand) => Promise<AgentReply>, log: Logger) {
    this.#log = log;
    this.#server = new PlaceTransport(serverOptions(connection, postGroup(place, 'commands')), place, log);
    this.#server.addHandler(topicNames.command(place.agency), async (message: unknown) => {
      const command = agentCommand.safeParse(message);
      if (!command.success)
        return { id: '00000000-0000-4000-8000-000000000000', ok: false, message: 'this is no command that the agent knows', detail: {} };
      const { id, deadlineMs } = command.data;
      if (Date.now() > deadlineMs) return { id, ok: false, message: 'the command came after its deadline and was not begun', detail: {} };
      return handle(command.data).catch((error: unknown) => ({ id, ok: false, message: reasonOf(error).slice(0, 2000), detail: {} }));
    });
  }

  /** Connects, and tries again for as long as the brokers or the topics are away. */
  start(): void {
    this.#running ??= this.#connect();
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#server.close().catch(() => {});
  }

  /** Begins anew where the consumer is gone, with the credentials as they are then. */
  #watch(): void {
    this.#server.onGone((error) => {
      if (this.#stopped.signal.aborted) return;
      this.#log.warn({ reason: reasonOf(error) }, 'commands cannot be received any more; trying again');
      this.#running = this.#server
        .close()
        .catch(() => {})
        .then(() => sleep(againMs, undefined, { signal: this.#stopped.signal }))
        .then(
          () => this.#connect(),
          () => undefined,
        );
    });
  }

  async #connect(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const failure = await new Promise<unknown>((resolve) => {
        void this.#server.listen((error?: unknown) => resolve(error ?? null)).catch(resolve);
      });
      if (failure === null) return this.#watch();
      this.#log.warn({ reason: reasonOf(failure) }, 'commands cannot be received yet');
      await this.#server.close().catch(() => {});
      await sleep(againMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }
}
