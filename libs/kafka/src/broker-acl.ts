/** Access control entries of the brokers, in our own words where we have them. Pure. */
import {
  AclOperations,
  ResourcePatternTypes,
  ResourceTypes,
  type AclOperationValue,
  type ResourcePatternTypeValue,
  type ResourceTypeValue,
} from '@platformatic/kafka';

const resourceTypes = {
  topic: ResourceTypes.TOPIC,
  group: ResourceTypes.GROUP,
  'transactional-id': ResourceTypes.TRANSACTIONAL_ID,
  cluster: ResourceTypes.CLUSTER,
} as const;

const patternTypes = { literal: ResourcePatternTypes.LITERAL, prefixed: ResourcePatternTypes.PREFIXED } as const;

const operations = {
  all: AclOperations.ALL,
  read: AclOperations.READ,
  write: AclOperations.WRITE,
  create: AclOperations.CREATE,
  delete: AclOperations.DELETE,
  alter: AclOperations.ALTER,
  describe: AclOperations.DESCRIBE,
  'describe-configs': AclOperations.DESCRIBE_CONFIGS,
  'alter-configs': AclOperations.ALTER_CONFIGS,
  'idempotent-write': AclOperations.IDEMPOTENT_WRITE,
} as const;

/**
 * One thing that a principal may do, from any host. What each role needs on Kafka 4.1 (each line is held by a test):
 * - a log writer: `write` on its transactional id and `write` on each of its topics; both imply `describe`; nothing on the cluster;
 * - a log reader: `read` on each topic, which implies `describe`; no group.
 */
export interface BrokerAcl {
  /** `User:agent-g01`. */
  readonly principal: string;
  readonly resourceType: keyof typeof resourceTypes;
  readonly patternType: keyof typeof patternTypes;
  /** Name or prefix; `kafka-cluster` for the cluster. */
  readonly name: string;
  readonly operation: keyof typeof operations;
}

/** The numbers of the protocol for an entry. */
export interface AclNumbers {
  readonly resourceType: ResourceTypeValue;
  readonly resourcePatternType: ResourcePatternTypeValue;
  readonly operation: AclOperationValue;
}

export function aclNumbers({ resourceType, patternType, operation }: BrokerAcl): AclNumbers {
  return {
    resourceType: resourceTypes[resourceType],
    resourcePatternType: patternTypes[patternType],
    operation: operations[operation],
  };
}

/** The entry in our words; null where it uses something that we never grant (another resource type, operation or pattern). */
export function aclFromNumbers(principal: string, name: string, numbers: AclNumbers): BrokerAcl | null {
  const resourceType = keyOf(resourceTypes, numbers.resourceType);
  const patternType = keyOf(patternTypes, numbers.resourcePatternType);
  const operation = keyOf(operations, numbers.operation);
  return resourceType && patternType && operation ? { principal, resourceType, patternType, name, operation } : null;
}

export function aclText({ principal, operation, resourceType, patternType, name }: BrokerAcl | ForeignAcl): string {
  return `${principal} ${operation} ${resourceType} ${patternType} ${name}`;
}

/**
 * An entry that we never make: for one host, for another operation, kind of resource or pattern, for what is no user, or one that denies. It is told in Kafka's own words,
 * and known to the brokers by its numbers.
 */
export interface ForeignAcl {
  readonly principal: string;
  readonly host: string;
  /** It takes away, whatever else is granted. */
  readonly denies: boolean;
  readonly resourceType: string;
  readonly patternType: string;
  readonly name: string;
  readonly operation: string;
  readonly numbers: AclNumbers;
}

/** One entry as the brokers list it. */
export interface ListedAcl {
  readonly principal: string;
  readonly name: string;
  readonly host: string;
  readonly denies: boolean;
  readonly numbers: AclNumbers;
}

/** The entry in our words, or as one that is not ours. */
export function aclOfListed(listed: ListedAcl): { readonly ours: BrokerAcl } | { readonly foreign: ForeignAcl } {
  const { principal, name, host, denies, numbers } = listed;
  const isUsual = !denies && host === '*' && principal.startsWith('User:');
  const ours = isUsual ? aclFromNumbers(principal, name, numbers) : null;
  if (ours !== null) return { ours };
  const words = {
    resourceType: wordOf(ResourceTypes, numbers.resourceType),
    patternType: wordOf(ResourcePatternTypes, numbers.resourcePatternType),
    operation: wordOf(AclOperations, numbers.operation),
  };
  return { foreign: { ...listed, ...words } };
}

/** `TRANSACTIONAL_ID` is `transactional-id`; a number that this client has no name for stays one. */
function wordOf(table: Readonly<Record<string, number>>, value: number): string {
  return (keyOf(table, value) ?? String(value)).toLowerCase().replaceAll('_', '-');
}

function keyOf<T extends Record<string, number>>(table: T, value: number): keyof T | null {
  for (const key in table) if (table[key] === value) return key;
  return null;
}
