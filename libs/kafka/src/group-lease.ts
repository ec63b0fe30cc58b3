import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, TrucError } from '@truc/kernel';
import type { Lease } from '@truc/pipeline';
import { BrokerConnections } from './broker-connections.js';
import { GroupMember } from './group-membership.js';
import type { KafkaConnection } from './kafka-connection.js';

export interface GroupLeaseOptions {
  readonly connection: KafkaConnection;
  /** The lease's name, below the user's own prefix of groups: `distributor.lease`. The user needs READ on it. */
  readonly group: string;
  /** Who this process is, for the people at the others: host and process id. */
  readonly holder: string;
  /** After so long without a word from its holder the lease goes to another. Milliseconds; not below the brokers' group.min.session.timeout.ms (6 s). */
  readonly sessionMs?: number;
  /** How often a word is given; the answer says whether anything has changed. */
  readonly heartbeatMs?: number;
}

const SESSION_MS = 6_000;
const HEARTBEAT_MS = 1_500;
const LEAVE_MS = 2_000;
const UNSETTLED_PAUSE_MS = 100;

type Answer = (reason: string | null) => void;

/**
 * A lease that the brokers give out: its holder is the leader of a consumer group which consumes nothing.
 *
 * A holder that is stopped (SIGSTOP, a cut line) is missed after the session, one that is killed too; one that ends in order is succeeded at once. A holder that
 * stalled for longer than that and has no rival gets the lease back before anybody notices. While the brokers cannot be asked everything stays as it was.
 */
export class GroupLease implements Lease {
  readonly #sessionMs: number;
  readonly #heartbeatMs: number;
  readonly #connections: BrokerConnections;
  readonly #member: GroupMember;
  readonly #listeners = new Set<() => void>();
  readonly #closed = new AbortController();
  readonly #rounds: Promise<void>;
  #isHeld = false;
  #holder: string | null = null;
  #questions: Answer[] = [];
  #poke = new AbortController();

  constructor({ connection, group, holder, sessionMs = SESSION_MS, heartbeatMs = HEARTBEAT_MS }: GroupLeaseOptions) {
    this.#sessionMs = sessionMs;
    this.#heartbeatMs = heartbeatMs;
    this.#connections = new BrokerConnections(connection, { requestTimeoutMs: sessionMs * 2 });
    this.#member = new GroupMember({ group, description: holder, sessionMs }, this.#connections);
    this.#rounds = this.#run();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  standBy(): Promise<string | null> {
    if (this.#closed.signal.aborted) return Promise.resolve('this process is ending');
    return new Promise((resolve) => {
      this.#questions.push(resolve);
      this.#poke.abort();
    });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#poke.abort();
    const left = this.#rounds.then(() => this.#member.leave()).catch(() => {});
    await Promise.race([left, sleep(LEAVE_MS, undefined, { ref: false })]);
    await this.#connections.close();
    await this.#rounds;
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      // Only who asked before the round began is answered by it.
      const asked = this.#questions.splice(0);
      this.#poke = new AbortController();
      const failure = await this.#round().catch((error: unknown) => error ?? new Error('failed'));
      const reason = this.#reason(failure);
      for (const answer of asked) answer(reason);
      if (this.#questions.length > 0 || this.#closed.signal.aborted) continue;
      await sleep(this.#heartbeatMs, undefined, { signal: this.#poke.signal }).catch(() => {});
    }
    for (const answer of this.#questions.splice(0)) answer('this process is ending');
  }

  /** Members that are just settling, and a coordinator that moves, are asked again for as long as a member may be silent. */
  async #round(): Promise<void> {
    const until = performance.now() + this.#sessionMs;
    for (;;) {
      try {
        if (await this.#member.isSettled()) return;
        const { isLeader, leader } = await this.#member.join();
        return this.#become(isLeader, leader);
      } catch (error) {
        const isUnsettled = error instanceof TrucError && error.code === 'LOG_GROUP_UNSETTLED';
        if (!isUnsettled) this.#member.forgetCoordinator();
        if (!isUnsettled || performance.now() >= until || this.#closed.signal.aborted) throw error;
      }
      await sleep(UNSETTLED_PAUSE_MS, undefined, { signal: this.#closed.signal }).catch(() => {});
    }
  }

  #become(isHeld: boolean, holder: string): void {
    this.#holder = holder;
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    for (const listener of [...this.#listeners]) listener();
  }

  #reason(failure: unknown): string | null {
    if (failure !== undefined) return `whether another process runs this cannot be asked at the moment: ${reasonOf(failure)}`;
    return this.#isHeld ? null : `another process runs this (${this.#holder}); standing by`;
  }
}
