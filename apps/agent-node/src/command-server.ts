import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerKafka, type KafkaOptions } from '@nestjs/microservices';
import { agentCommand, topicNames, type AgentCommand, type AgentReply } from '@truc/coordination';
import type { KafkaConnection } from '@truc/kafka';
import { agencySlug, reasonOf } from '@truc/kernel';
import type { Logger } from '@truc/telemetry';

type ServerOptions = NonNullable<KafkaOptions['options']>;

function serverOptions({ brokers, username, password, mechanism, tls }: KafkaConnection, slug: string): ServerOptions {
  const text = (path: string | undefined): string | undefined => (path === undefined ? undefined : readFileSync(path, 'utf8'));
  const ssl = tls && { ca: text(tls.caFile), cert: text(tls.certFile), key: text(tls.keyFile), servername: tls.serverName };
  return {
    client: {
      clientId: `agent.${slug}.commands`,
      brokers: [...brokers],
      sasl: { mechanism: mechanism === 'SCRAM-SHA-512' ? 'scram-sha-512' : 'scram-sha-256', username, password },
      // kafkajs' own lines are JSON of another shape; what matters is told by what fails here.
      logLevel: 0,
      ...(ssl ? { ssl } : {}),
    },
    consumer: { groupId: `agent.${slug}.commands`, allowAutoTopicCreation: false },
    producer: { allowAutoTopicCreation: false },
    postfixId: '',
  } as ServerOptions;
}

/**
 * Takes an agency's commands over Nest's Kafka transport: `command.<agency>`, answered on `reply.<agency>`. The broker lets only the platform write there.
 * A command may come twice; doing it again changes nothing.
 */
export class CommandServer {
  readonly #server: ServerKafka;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #running: Promise<void> | null = null;

  constructor(connection: KafkaConnection, agency: string, handle: (command: AgentCommand) => Promise<AgentReply>, log: Logger) {
    this.#log = log;
    this.#server = new ServerKafka(serverOptions(connection, agencySlug(agency)));
    this.#server.addHandler(topicNames.command(agency), async (message: unknown) => {
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

  async #connect(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const failure = await new Promise<unknown>((resolve) => {
        void this.#server.listen((error?: unknown) => resolve(error ?? null)).catch(resolve);
      });
      if (failure === null) return;
      this.#log.warn({ reason: reasonOf(failure) }, 'commands cannot be received yet');
      await this.#server.close().catch(() => {});
      await sleep(3_000, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }
}
