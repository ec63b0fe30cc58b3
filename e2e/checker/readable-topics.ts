import { brokerAcls, brokerPrincipals } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import type { AgencyCode } from '@truc/kernel';

/** Topics that an agency's agent may read at the broker, on whatever days its contracts count; of those that are granted by the beginning of their names, the ones that the policy tells of. */
export function readableTopics(policy: readonly PolicyEntry[], agency: AgencyCode): string[] {
  const principal = brokerPrincipals.agent(agency);
  const known = policy.flatMap((entry) => {
    if (entry.kind === 'dataset') return [entry.topic, entry.quarantineTopic];
    return entry.kind === 'view' ? [entry.topic] : [];
  });
  const topics = brokerAcls(policy, () => true).flatMap((granted) => {
    if (granted.principal !== principal || granted.resourceType !== 'topic' || granted.operation !== 'read') return [];
    return granted.patternType === 'literal' ? [granted.name] : known.filter((topic) => topic.startsWith(granted.name));
  });
  return [...new Set(topics)];
}
