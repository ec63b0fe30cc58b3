/** What the brokers' error codes mean to us. Decisions are made on the numbers of the Kafka protocol, never on texts. */
import { protocolErrorsCodesById } from '@platformatic/kafka';
import { TrucError } from '@truc/kernel';

export const protocolCode = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  brokerNotAvailable: 8,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  topicAlreadyExists: 36,
  notController: 41,
  outOfOrderSequenceNumber: 45,
  duplicateSequenceNumber: 46,
  invalidProducerEpoch: 47,
  concurrentTransactions: 51,
  transactionalIdAuthorizationFailed: 53,
  operationNotAttempted: 55,
  kafkaStorageError: 56,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  memberIdRequired: 79,
  throttlingQuotaExceeded: 89,
  producerFenced: 90,
  resourceNotFound: 91,
  transactionalIdNotFound: 105,
} as const;

const transient = new Set<number>([
  protocolCode.unknownTopicOrPartition,
  protocolCode.leaderNotAvailable,
  protocolCode.notLeaderOrFollower,
  protocolCode.requestTimedOut,
  protocolCode.brokerNotAvailable,
  protocolCode.replicaNotAvailable,
  protocolCode.networkException,
  protocolCode.coordinatorLoadInProgress,
  protocolCode.coordinatorNotAvailable,
  protocolCode.notCoordinator,
  protocolCode.notEnoughReplicas,
  protocolCode.notEnoughReplicasAfterAppend,
  protocolCode.notController,
  protocolCode.concurrentTransactions,
  protocolCode.kafkaStorageError,
  protocolCode.fencedLeaderEpoch,
  protocolCode.unknownLeaderEpoch,
  protocolCode.offsetNotAvailable,
  protocolCode.throttlingQuotaExceeded,
]);

/** True where the same request may succeed in a moment: an election, a coordinator that moves, a topic that is still being made. */
export function isTransient(code: number): boolean {
  return transient.has(code);
}

/** True where another owner of the same transactional id has taken over. */
export function isFenced(code: number): boolean {
  return code === protocolCode.invalidProducerEpoch || code === protocolCode.producerFenced;
}

export function isNotAuthorized(code: number): boolean {
  return (
    code === protocolCode.topicAuthorizationFailed ||
    code === protocolCode.groupAuthorizationFailed ||
    code === protocolCode.clusterAuthorizationFailed ||
    code === protocolCode.transactionalIdAuthorizationFailed
  );
}

/** `NOT_LEADER_OR_FOLLOWER (6)`. */
export function protocolCodeName(code: number): string {
  const names = protocolErrorsCodesById as Record<number, string>;
  return `${names[code] ?? 'UNKNOWN'} (${code})`;
}

/** @param what `topic data.g01.x`, `transactional id agent-g01`; @param need what the user lacks: `WRITE` */
export function notAuthorized(username: string, what: string, need: string): TrucError {
  return new TrucError(
    'LOG_NOT_AUTHORIZED',
    `Kafka refuses user ${username} on ${what}: ${need} is not granted. Grant it with an ACL, or check that this process runs as the right user.`,
  );
}

/**
 * The answer of a call even where it carries error codes: the client library throws those together with the response that they came in,
 * and we read the codes of each part from the response itself.
 */
export async function answerOf<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'response' in error && error.response) return error.response as T;
    throw error;
  }
}
