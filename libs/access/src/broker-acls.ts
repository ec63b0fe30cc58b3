import type { ContractPolicy } from '@truc/contracts';
import { topicNames, type PolicyEntry } from '@truc/coordination';
import { agencySlug, type AgencyCode } from '@truc/kernel';

/** One permission at the broker. Reading and writing include describing. */
export interface BrokerPermission {
  /** SASL user, without Kafka's `User:`. */
  readonly principal: string;
  readonly resourceType: 'topic' | 'group' | 'transactional-id' | 'cluster';
  readonly patternType: 'literal' | 'prefixed';
  /** A prefix ends with a dot, so that `g12` does not reach what belongs to `g12-34`. */
  readonly name: string;
  readonly operation: 'read' | 'write' | 'alter';
}

/** Names under which the platform's parts and the agencies' agents come to the broker. */
export const brokerPrincipals = {
  agent: (agency: AgencyCode) => `agent.${agencySlug(agency)}`,
  brokerAccess: 'broker-access',
  distributor: 'distributor',
  generalDatabase: 'general-database',
  registry: 'registry',
} as const;

/** Whether a contract opens its view; which days count, and whether any do, is decided by whoever asks. */
export type ContractTest = (contract: ContractPolicy) => boolean;

/**
 * Who may do what at the broker, exactly as the table of topics says: everything that this list does not name is denied there.
 * Integrators and readers have no business at the broker and get nothing; the platform's own principal administers it.
 *
 * An agency reads the topics of the views that its contracts name, where the contract counts.
 */
export function brokerAcls(entries: readonly PolicyEntry[], counts: ContractTest): BrokerPermission[] {
  const agencies = entries.flatMap((entry) => (entry.kind === 'agency' ? [entry.code] : []));
  const views = viewTopics(entries, counts);
  const all = [...brokerAccessAcls(), ...serviceAcls(), ...agencies.flatMap((agency) => agentAcls(agency, views.get(agency) ?? []))];
  return [...new Map(all.map((acl) => [permissionText(acl), acl])).values()];
}

/**
 * What the service needs that grants everything else, and cannot grant itself: to read the policy, to change what is granted, and to stand by for another of its kind.
 * Kafka has one right, ALTER on the cluster, for changing ACLs and for changing users.
 */
export function brokerAccessAcls(): BrokerPermission[] {
  const { brokerAccess: principal } = brokerPrincipals;
  return [
    ...topics(principal, 'read', ['policy.']),
    { principal, resourceType: 'cluster', patternType: 'literal', name: 'kafka-cluster', operation: 'alter' },
    ...ownNames(principal).filter(({ resourceType }) => resourceType === 'group'),
  ];
}

/** The same text for the same permission, and for no other. */
export function permissionText({ principal, operation, resourceType, patternType, name }: BrokerPermission): string {
  return `${principal} ${operation} ${resourceType} ${patternType} ${name}`;
}

function serviceAcls(): BrokerPermission[] {
  const { distributor, generalDatabase, registry } = brokerPrincipals;
  return [
    ...topics(distributor, 'read', ['data.', 'policy.']),
    // It reads its own view topics as well: members and highest positions are rebuilt from them.
    ...topics(distributor, 'read', ['view.', topicNames.serviceState(distributor), topicNames.rejected(distributor)]),
    ...topics(distributor, 'write', ['view.', topicNames.serviceState(distributor), topicNames.rejected(distributor)]),
    ...ownNames(distributor),
    ...topics(generalDatabase, 'read', ['data.', 'policy.', topicNames.rejected(generalDatabase)]),
    ...topics(generalDatabase, 'write', [topicNames.rejected(generalDatabase), topicNames.receipts]),
    ...ownNames(generalDatabase),
    // Views stand in the policy topics of the agencies that they concern.
    ...topics(registry, 'read', ['policy.']),
  ];
}

function agentAcls(agency: AgencyCode, views: readonly string[]): BrokerPermission[] {
  const slug = agencySlug(agency);
  const principal = brokerPrincipals.agent(agency);
  const own = [`data.${slug}.`, `quarantine.${slug}.`, topicNames.state(agency), topicNames.rejected(slug)];
  const told = [topicNames.command(agency), `notice.${slug}`, topicNames.policyCommon, topicNames.policy(agency)];
  return [
    ...topics(principal, 'read', [...own, ...told, ...views]),
    ...topics(principal, 'write', [...own, topicNames.reply(agency), topicNames.receipts]),
    ...ownNames(principal),
  ];
}

/** Topics of the views that those contracts name which count, by the agency that they are for. */
function viewTopics(entries: readonly PolicyEntry[], counts: ContractTest): ReadonlyMap<AgencyCode, readonly string[]> {
  const views = new Map(entries.flatMap((entry) => (entry.kind === 'view' ? [[entry.id, entry.topic] as const] : [])));
  const topicsOf = new Map<AgencyCode, string[]>();
  for (const entry of entries) {
    if (entry.kind !== 'contract' || !counts(entry)) continue;
    // Only a name of the shape of view topics: a policy entry cannot open another topic.
    const topic = views.get(entry.viewId);
    if (topic === topicNames.view(entry.viewId)) topicsOf.set(entry.consumer, [...(topicsOf.get(entry.consumer) ?? []), topic]);
  }
  return topicsOf;
}

/** Groups and transactional ids of a principal begin with its name and a dot. */
function ownNames(principal: string): BrokerPermission[] {
  const name = `${principal}.`;
  return [
    { principal, resourceType: 'group', patternType: 'prefixed', name, operation: 'read' },
    { principal, resourceType: 'transactional-id', patternType: 'prefixed', name, operation: 'write' },
  ];
}

/** A name that ends with a dot is a prefix. */
function topics(principal: string, operation: 'read' | 'write', names: readonly string[]): BrokerPermission[] {
  return names.map((name) => ({
    principal,
    resourceType: 'topic',
    patternType: name.endsWith('.') ? 'prefixed' : 'literal',
    name,
    operation,
  }));
}
