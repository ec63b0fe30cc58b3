/** Access control entries of the brokers in our own words, and what has to change. Pure. */
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

export function aclText({ principal, operation, resourceType, patternType, name }: BrokerAcl): string {
  return `${principal} ${operation} ${resourceType} ${patternType} ${name}`;
}

/** What to create and what to delete so that the managed principals have exactly what is wanted. Entries of other principals are left alone. */
export function aclChanges(
  present: readonly BrokerAcl[],
  wanted: readonly BrokerAcl[],
  managedPrincipals: readonly string[],
): { create: BrokerAcl[]; delete: BrokerAcl[] } {
  const managed = new Set(managedPrincipals);
  const presentTexts = new Set(present.map(aclText));
  const wantedByText = new Map(wanted.map((acl) => [aclText(acl), acl]));
  return {
    create: [...wantedByText].filter(([text]) => !presentTexts.has(text)).map(([, acl]) => acl),
    delete: present.filter((acl) => managed.has(acl.principal) && !wantedByText.has(aclText(acl))),
  };
}

function keyOf<T extends Record<string, number>>(table: T, value: number): keyof T | null {
  for (const key in table) if (table[key] === value) return key;
  return null;
}
