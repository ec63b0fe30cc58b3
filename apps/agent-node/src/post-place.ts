import { agentGroup, type AgentPlace } from '@truc/coordination';

/** One database of an agency, as its documents call it. */
export type PostPlace = AgentPlace;

/** `source/population`, `target/social_insurance` */
export function postName({ kind, database }: Pick<PostPlace, 'kind' | 'database'>): string {
  return `${kind}/${database}`;
}

export const postGroup = agentGroup;

/** Whether a flow belongs to the post of this name: its capture, its subscriptions, or the receipts of what they deliver. */
export function isFlowOf(flow: string, post: string): boolean {
  return flow === post || flow.startsWith(`${post}/`) || flow === post.replace(/^target\//, 'receipts/');
}
