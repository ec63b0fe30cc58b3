import type { AgencyCode } from '@truc/kernel';
import type { Principal, Role } from './principal.js';

/** Everything that anybody can ask of the platform and of the registry. */
export const actions = [
  'schemas.read',
  'schemas.register',
  'schemas.delete',
  'registry.configure',
  'documents.read',
  'documents.apply',
  'dictionary.propose',
  'dictionary.review',
  'dictionary.approve',
  'status.read',
  'commands.send',
  'principals.manage',
  'audit.read',
] as const;
export type Action = (typeof actions)[number];

/** Whose the thing is: an agency's, or (null) the platform's own or everybody's. */
export interface Resource {
  readonly agency: AgencyCode | null;
}

/** `any` agency's; `own` agency's only; `own-or-shared`: the own agency's and what belongs to no agency. */
type Reach = 'any' | 'own' | 'own-or-shared';

/** What a role may do. What is not named here is denied. */
const table: Readonly<Record<Role, Readonly<Partial<Record<Action, Reach>>>>> = {
  // Everything but the say over what data mean: whoever runs the platform proposes like everybody else.
  administrator: Object.fromEntries(actions.filter((action) => action !== 'dictionary.approve').map((action) => [action, 'any'])),
  'dictionary-authority': {
    'schemas.read': 'any',
    'documents.read': 'any',
    'dictionary.propose': 'any',
    'dictionary.review': 'any',
    'dictionary.approve': 'any',
    'status.read': 'own-or-shared',
  },
  platform: {
    'schemas.read': 'any',
    'schemas.register': 'any',
    'schemas.delete': 'any',
    'registry.configure': 'any',
    'documents.read': 'any',
    'status.read': 'any',
    'commands.send': 'any',
  },
  // Its business is at the brokers alone.
  'broker-access': {},
  registry: { 'schemas.read': 'any' },
  distributor: { 'schemas.read': 'any' },
  'general-database': { 'schemas.read': 'any' },
  agent: { 'schemas.read': 'any', 'documents.read': 'own-or-shared', 'status.read': 'own', 'commands.send': 'own' },
  integrator: {
    'schemas.read': 'any',
    'schemas.register': 'own',
    'schemas.delete': 'own',
    'documents.read': 'own-or-shared',
    'documents.apply': 'own',
    'dictionary.propose': 'own',
    'dictionary.review': 'own-or-shared',
    'status.read': 'own',
    'commands.send': 'own',
  },
  reader: { 'schemas.read': 'any', 'documents.read': 'own-or-shared', 'status.read': 'own-or-shared' },
};

/** Whether the principal may do this to a thing of that agency. */
export function may(principal: Principal, action: Action, { agency }: Resource): boolean {
  const reach = table[principal.role][action];
  if (reach === undefined) return false;
  switch (reach) {
    case 'any':
      return true;
    case 'own':
      return agency !== null && agency === principal.agency;
    case 'own-or-shared':
      return agency === null || agency === principal.agency;
  }
}

/** Four eyes: what somebody proposed is approved by somebody else, whoever they are. @param proposer name of a principal */
export function mayApproveOf(principal: Principal, proposer: string): boolean {
  return may(principal, 'dictionary.approve', { agency: null }) && principal.name !== proposer;
}
