import { topicNames, type PolicyEntry } from '@truc/coordination';
import { agencySlug, systemClock, type AgencyCode, type Clock } from '@truc/kernel';

/** One permission at the broker. Reading and writing include describing. */
export interface BrokerPermission {
  /** SASL user, without Kafka's `User:`. */
  readonly principal: string;
  readonly resourceType: 'topic' | 'group' | 'transactional-id';
  readonly patternType: 'literal' | 'prefixed';
  /** A prefix ends with a dot, so that `g12` does not reach what belongs to `g12-34`. */
  readonly name: string;
  readonly operation: 'read' | 'write';
}

/** Names under which the platform's parts and the agencies' agents come to the broker. */
export const brokerPrincipals = {
  agent: (agency: AgencyCode) => `agent.${agencySlug(agency)}`,
  distributor: 'distributor',
  generalDatabase: 'general-database',
  registry: 'registry',
} as const;

/**
 * Who may do what at the broker, exactly as the table of topics says: everything that this list does not name is denied there.
 * Integrators and readers have no business at the broker and get nothing; the platform's own principal administers it.
 *
 * An agency reads the topics of the views that its contracts name, on the days on which they are valid: the list changes with the date, so it is derived again at least daily.
 */
export function brokerAcls(entries: readonly PolicyEntry[], clock: Clock = systemClock): BrokerPermission[] {
  const agencies = entries.flatMap((entry) => (entry.kind === 'agency' ? [entry.code] : []));
  const all = [...serviceAcls(), ...agencies.flatMap((agency) => agentAcls(agency, entries, clock))];
  const unique = new Map(all.map((acl) => [Object.values(acl).join(' '), acl]));
  return [...unique.values()];
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

function agentAcls(agency: AgencyCode, entries: readonly PolicyEntry[], clock: Clock): BrokerPermission[] {
  const slug = agencySlug(agency);
  const principal = brokerPrincipals.agent(agency);
  const own = [`data.${slug}.`, `quarantine.${slug}.`, topicNames.state(agency), topicNames.rejected(slug)];
  const told = [topicNames.command(agency), `notice.${slug}`, topicNames.policyCommon, topicNames.policy(agency)];
  return [
    ...topics(principal, 'read', [...own, ...told, ...viewTopics(agency, entries, clock)]),
    ...topics(principal, 'write', [...own, topicNames.reply(agency), topicNames.receipts]),
    ...ownNames(principal),
  ];
}

/** Topics of the views that the agency's valid contracts name. */
function viewTopics(agency: AgencyCode, entries: readonly PolicyEntry[], clock: Clock): string[] {
  const views = new Map(entries.flatMap((entry) => (entry.kind === 'view' ? [[entry.id, entry.topic] as const] : [])));
  const today = dateInVietnam(clock.now());
  return entries.flatMap((entry) => {
    if (entry.kind !== 'contract' || entry.consumer !== agency) return [];
    const isValid = entry.validFrom <= today && (entry.validTo === null || today <= entry.validTo);
    // Only a name of the shape of view topics: a policy entry cannot open another topic.
    const topic = views.get(entry.viewId);
    return isValid && topic === topicNames.view(entry.viewId) ? [topic] : [];
  });
}

/** Contracts are dated by the law's calendar: UTC+7, without summer time. */
function dateInVietnam(nowMs: number): string {
  return new Date(nowMs + 7 * 3_600_000).toISOString().slice(0, 10);
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
