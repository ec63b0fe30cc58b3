import { agencySlug } from '@truc/kernel';

/** One database of an agency, as its documents call it. */
export interface PostPlace {
  readonly agency: string;
  readonly kind: 'source' | 'target';
  readonly database: string;
}

/** `source/population`, `target/social_insurance` */
export function postName({ kind, database }: Pick<PostPlace, 'kind' | 'database'>): string {
  return `${kind}/${database}`;
}

/** Groups of one database; they are below the prefix that the agency's agent may use. */
export function postGroup({ agency, kind, database }: PostPlace, purpose: 'lease' | 'commands'): string {
  return `agent.${agencySlug(agency)}.${kind}.${database}.${purpose}`;
}

/** Whether a flow belongs to the post of this name: its capture, its subscriptions, or the receipts of what they deliver. */
export function isFlowOf(flow: string, post: string): boolean {
  return flow === post || flow.startsWith(`${post}/`) || flow === post.replace(/^target\//, 'receipts/');
}
