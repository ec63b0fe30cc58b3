import { agencySlug } from '@truc/kernel';
import type { PolicyEntry } from './policy.js';
import { topicNames } from './topic-names.js';

/** A topic that has to exist. Settings beyond these (lags, segments) follow from `cleanup` where topics are made. */
export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  /** `compact` keeps the last record of every key, and every other one for some days; `compact-at-once` is for topics of which only the last ones are ever asked for. */
  readonly cleanup: 'compact' | 'compact-at-once' | 'delete';
  /** For `delete`: how long records are kept. */
  readonly retentionDays?: number;
}

const commandRetentionDays = 7;
const rejectedRetentionDays = 90;
const receiptsRetentionDays = 365;

/** Services of the platform that consume topics: each has a topic for its state and one for what it refuses. */
export const platformServices = ['distributor', 'general-database'] as const;

const compacted = (name: string, partitions = 1): TopicPlan => ({ name, partitions, cleanup: 'compact' });
const state = (name: string): TopicPlan => ({ name, partitions: 1, cleanup: 'compact-at-once' });
const kept = (name: string, retentionDays: number): TopicPlan => ({ name, partitions: 1, cleanup: 'delete', retentionDays });

/** Every topic that these entries call for, each once, in the order of their names. */
export function topicsOf(entries: Iterable<PolicyEntry>): TopicPlan[] {
  const plans = [
    compacted(topicNames.policyCommon),
    compacted(topicNames.policyPrincipals),
    kept(topicNames.receipts, receiptsRetentionDays),
    ...platformServices.flatMap((service) => [
      state(topicNames.serviceState(service)),
      kept(topicNames.rejected(service), rejectedRetentionDays),
    ]),
    ...[...entries].flatMap(topicsOfEntry),
  ];
  return [...new Map(plans.map((plan) => [plan.name, plan])).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function topicsOfEntry(entry: PolicyEntry): TopicPlan[] {
  switch (entry.kind) {
    case 'agency': {
      const { code } = entry;
      return [
        compacted(topicNames.policy(code)),
        state(topicNames.state(code)),
        kept(topicNames.command(code), commandRetentionDays),
        kept(topicNames.reply(code), commandRetentionDays),
        kept(topicNames.rejected(agencySlug(code)), rejectedRetentionDays),
      ];
    }
    case 'dataset':
      return [compacted(entry.topic, entry.partitions), compacted(entry.quarantineTopic)];
    case 'view':
      return [compacted(entry.topic, entry.partitions)];
    case 'dictionary':
    case 'definitions':
    case 'codelist':
    case 'source':
    case 'contract':
    case 'token-key':
    case 'principal':
    case 'heartbeat':
      return [];
  }
}
