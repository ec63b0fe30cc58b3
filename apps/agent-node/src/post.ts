import type { AgentCommand, AgentReply } from '@truc/coordination';
import { GroupLease, type KafkaConnection } from '@truc/kafka';
import { messageOf } from '@truc/kernel';
import type { Lease } from '@truc/pipeline';
import type { Logger } from '@truc/telemetry';
import { CommandServer } from './command-server.js';
import { postGroup, postName, type PostPlace } from './post-place.js';

export interface PostOptions extends PostPlace {
  readonly connection: KafkaConnection;
  /** Who this process is, for the people at another node. */
  readonly holder: string;
  readonly log: Logger;
  /** Carries out a command for this database. `signal` aborts when another node has taken over, or this one ends. */
  readonly obey: (command: AgentCommand, signal: AbortSignal) => Promise<AgentReply>;
}

/**
 * One database that this node is set up for. Of all nodes that are set up for it, the one that holds its lease acts, and takes the commands for it; what other databases
 * these nodes have beside it does not matter. Asks for the lease when it is made.
 */
export class Post {
  readonly name: string;
  readonly lease: Lease;
  readonly #options: PostOptions;
  #acting: { readonly stop: AbortController; readonly commands: CommandServer } | null = null;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: PostOptions) {
    this.#options = options;
    this.name = postName(options);
    this.lease = new GroupLease({ connection: options.connection, group: postGroup(options, 'lease'), holder: options.holder });
  }

  get role(): 'acting' | 'standby' {
    return this.lease.isHeld ? 'acting' : 'standby';
  }

  /** Begins to take commands whenever the lease is held. */
  start(): void {
    this.lease.onChange(() => this.#look());
    // It may have been given out before anybody listened.
    if (this.lease.isHeld) this.#look();
  }

  /** Takes no more commands. The lease is closed by its owner, after the flows that run under it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#look();
    await this.#turn;
  }

  #look(): void {
    // At once: what is being carried out must not go on beside the successor.
    if (this.#isClosed || !this.lease.isHeld) this.#acting?.stop.abort();
    this.#turn = this.#turn
      .then(() => this.#follow())
      .catch((error: unknown) => this.#options.log.error({ reason: messageOf(error) }, 'a change of the lease could not be followed'));
  }

  async #follow(): Promise<void> {
    if (this.#acting?.stop.signal.aborted === true) {
      await this.#acting.commands.close();
      this.#acting = null;
    }
    if (this.#isClosed) return;
    const { connection, log, obey } = this.#options;
    log.info({ post: this.name, role: this.role }, `this node's role for ${this.name} is ${this.role} now`);
    if (!this.lease.isHeld || this.#acting !== null) return;
    const stop = new AbortController();
    const commands = new CommandServer(connection, this.#options, (command) => obey(command, stop.signal), log);
    this.#acting = { stop, commands };
    commands.start();
  }
}
