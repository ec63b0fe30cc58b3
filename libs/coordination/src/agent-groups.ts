import { agencySlug } from '@truc/kernel';

/** One database of an agency, as its documents call it. */
export interface AgentPlace {
  readonly agency: string;
  readonly kind: 'source' | 'target';
  readonly database: string;
}

/** Groups at the brokers of one database; they are below the prefix that the agency's agent may use. Whoever acts for the database is a member of its `lease`. */
export function agentGroup({ agency, kind, database }: AgentPlace, purpose: 'lease' | 'commands'): string {
  return `agent.${agencySlug(agency)}.${kind}.${database}.${purpose}`;
}
