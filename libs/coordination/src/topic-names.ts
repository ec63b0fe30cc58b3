/** Names of every topic of the backbone, in one place. Lower case; a dot separates parts; the agency's part is its slug. */
import { agencySlug, type AgencyCode } from '@truc/kernel';

export const topicNames = {
  data: (agency: AgencyCode, dataset: string, generation: number) => `data.${agencySlug(agency)}.${dataset}.v${generation}`,
  view: (viewId: string) => `view.${viewId}`,
  quarantine: (agency: AgencyCode, dataset: string) => `quarantine.${agencySlug(agency)}.${dataset}`,
  /** `consumer` is a service (`distributor`, `general-database`) or an agency's slug. */
  rejected: (consumer: string) => `rejected.${consumer}`,
  state: (agency: AgencyCode) => `state.${agencySlug(agency)}`,
  /** State of a service of the platform. */
  serviceState: (service: string) => `state.${service}`,
  command: (agency: AgencyCode) => `command.${agencySlug(agency)}`,
  reply: (agency: AgencyCode) => `reply.${agencySlug(agency)}`,
  receipts: 'receipts',
  policyCommon: 'policy.common',
  /** Read by the platform's services only; no agency's slug is that. */
  policyPrincipals: 'policy.principals',
  policy: (agency: AgencyCode) => `policy.${agencySlug(agency)}`,
} as const;
