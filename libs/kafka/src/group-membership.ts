import { findCoordinatorV4, heartbeatV4, joinGroupV9, leaveGroupV5, syncGroupV5, type Connection } from '@platformatic/kafka';
import { TrucError } from '@truc/kernel';
import type { BrokerConnections } from './broker-connections.js';
import type { BrokerAddress } from './kafka-connection.js';
import { answerOf, isNotAuthorized, notAuthorized, protocolCode, protocolCodeName } from './protocol-error.js';

const COORDINATOR_OF_GROUPS = 0;
const protocolType = 'truc-lease';
const protocolName = 'first-come';

export interface GroupMembershipOptions {
  readonly group: string;
  /** Given to every other member while this one leads: who it is, for people. */
  readonly description: string;
  /** A member that is not heard of for so long is no member any more. Milliseconds; brokers allow 6 s and more by default. */
  readonly sessionMs: number;
}

/** What a member was told when the group last settled. */
export interface Membership {
  readonly isLeader: boolean;
  /** The leader's description. */
  readonly leader: string;
}

/**
 * One member of a consumer group that consumes nothing. The coordinator makes the first member the group's leader and leaves it so for as long as it is heard of, whoever
 * else joins; when it leaves or is missed, another member is made leader. That is all that is wanted here.
 */
export class GroupMember {
  readonly #options: GroupMembershipOptions;
  readonly #connections: BrokerConnections;
  #coordinator: BrokerAddress | null = null;
  #memberId = '';
  #generation = -1;

  constructor(options: GroupMembershipOptions, connections: BrokerConnections) {
    this.#options = options;
    this.#connections = connections;
  }

  /**
   * Becomes a member, or settles with the others anew after somebody came or left; waits until all of them have, no longer than the session.
   * @throws TrucError LOG_NOT_AUTHORIZED, LOG_GROUP_UNSETTLED (retry), LOG_UNREACHABLE (retry); errors of a lost connection
   */
  async join(): Promise<Membership> {
    const { group, sessionMs, description } = this.#options;
    const connection = await this.#connect();
    this.#generation = -1;
    const protocols = [{ name: protocolName, metadata: Buffer.alloc(0) }];
    const joined = await answerOf(
      joinGroupV9.api.async(connection, group, sessionMs, sessionMs, this.#memberId, null, protocolType, protocols),
    );
    // The coordinator names a newcomer first, and knows it when it comes again under that name.
    if (joined.errorCode === protocolCode.memberIdRequired) {
      this.#memberId = joined.memberId;
      return this.join();
    }
    this.#check(joined.errorCode, 'JoinGroup');
    this.#memberId = joined.memberId;
    const isLeader = joined.leader === joined.memberId;
    const assignments = isLeader ? joined.members.map(({ memberId }) => ({ memberId, assignment: Buffer.from(description) })) : [];
    const synced = await answerOf(
      syncGroupV5.api.async(connection, group, joined.generationId, this.#memberId, null, protocolType, protocolName, assignments),
    );
    this.#check(synced.errorCode, 'SyncGroup');
    this.#generation = joined.generationId;
    return { isLeader, leader: synced.assignment.toString('utf8') };
  }

  /** @returns false when the members have to settle anew: `join`. @throws as `join` */
  async isSettled(): Promise<boolean> {
    if (this.#generation < 0) return false;
    const connection = await this.#connect();
    const { errorCode } = await answerOf(heartbeatV4.api.async(connection, this.#options.group, this.#generation, this.#memberId));
    if (errorCode === protocolCode.rebalanceInProgress) return false;
    this.#check(errorCode, 'Heartbeat');
    return true;
  }

  /** After the connection was lost the coordinator is looked for anew; the membership stays. */
  forgetCoordinator(): void {
    this.#coordinator = null;
  }

  /** Tells the coordinator, so that the others need not wait for the session to end. */
  async leave(): Promise<void> {
    if (this.#memberId === '') return;
    await answerOf(leaveGroupV5.api.async(await this.#connect(), this.#options.group, [{ memberId: this.#memberId }]));
  }

  #check(code: number, step: string): void {
    if (code === protocolCode.none) return;
    if (code === protocolCode.unknownMemberId || code === protocolCode.illegalGeneration) this.#generation = -1;
    if (code === protocolCode.unknownMemberId) this.#memberId = '';
    else if (isNotAuthorized(code)) throw notAuthorized(this.#connections.username, `group ${this.#options.group}`, 'READ');
    else this.#coordinator = null;
    throw new TrucError('LOG_GROUP_UNSETTLED', `the group ${this.#options.group}: ${step} was answered with ${protocolCodeName(code)}`, {
      retry: true,
    });
  }

  async #connect(): Promise<Connection> {
    if (this.#coordinator === null) {
      const answer = await answerOf(
        findCoordinatorV4.api.async(await this.#connections.any(), COORDINATOR_OF_GROUPS, [this.#options.group]),
      );
      const found = answer.coordinators[0];
      this.#check(found?.errorCode ?? protocolCode.coordinatorNotAvailable, 'FindCoordinator');
      this.#coordinator = { host: found!.host, port: found!.port };
    }
    return this.#connections.get(this.#coordinator);
  }
}
