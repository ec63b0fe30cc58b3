import { describeGroupsV5, findCoordinatorV4 } from '@platformatic/kafka';
import { TrucError } from '@truc/kernel';
import { BrokerConnections } from './broker-connections.js';
import type { KafkaConnection } from './kafka-connection.js';
import { answerOf, isNotAuthorized, notAuthorized, protocolCode, protocolCodeName } from './protocol-error.js';

const COORDINATOR_OF_GROUPS = 0;

/** Whether a consumer group has members: where leases are groups, whether anybody acts. The user needs DESCRIBE on the groups. */
export class GroupPresence {
  readonly #connections: BrokerConnections;

  constructor(connection: KafkaConnection) {
    this.#connections = new BrokerConnections(connection);
  }

  /** A group that nobody was ever in has none. @throws TrucError LOG_UNREACHABLE (retry), LOG_NOT_AUTHORIZED, LOG_GROUP_UNSETTLED (retry) */
  async hasMembers(group: string): Promise<boolean> {
    const { coordinators } = await answerOf(findCoordinatorV4.api.async(await this.#connections.any(), COORDINATOR_OF_GROUPS, [group]));
    const [found] = coordinators;
    this.#check(found?.errorCode ?? protocolCode.coordinatorNotAvailable, group);
    const connection = await this.#connections.get({ host: found!.host, port: found!.port });
    const { groups } = await answerOf(describeGroupsV5.api.async(connection, [group], false));
    const [described] = groups;
    this.#check(described?.errorCode ?? protocolCode.coordinatorNotAvailable, group);
    return (described?.members.length ?? 0) > 0;
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  #check(code: number, group: string): void {
    if (code === protocolCode.none) return;
    if (isNotAuthorized(code)) throw notAuthorized(this.#connections.username, `group ${group}`, 'DESCRIBE');
    throw new TrucError('LOG_GROUP_UNSETTLED', `the brokers do not tell of the group ${group} now: ${protocolCodeName(code)}`, {
      retry: true,
    });
  }
}
