import { isAgencyCode, TrucError, type AgencyCode } from '@truc/kernel';

/**
 * What a principal is there for. `administrator` runs the platform; `platform`, `broker-access`, `registry`, `distributor` and `general-database` are its services; `agent` is the process at one agency;
 * `integrator` registers schemas for one agency and proposes what it keeps of the dictionary; `dictionary-authority` approves what others proposed; `reader` looks.
 */
export const roles = [
  'administrator',
  'platform',
  'broker-access',
  'registry',
  'distributor',
  'general-database',
  'agent',
  'integrator',
  'dictionary-authority',
  'reader',
] as const;
export type Role = (typeof roles)[number];

/** Who is calling: the same name at the broker (SASL user) and over HTTP. */
export interface Principal {
  /** `agent.g12-34`, `distributor`, `nguyen.an`. */
  readonly name: string;
  /** The agency that it acts for; null for the platform's own. */
  readonly agency: AgencyCode | null;
  readonly role: Role;
}

const namePattern = /^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$/;

/** Roles that mean nothing without an agency, and those that act for all agencies. */
const agencyRoles: readonly Role[] = ['agent', 'integrator'];

/**
 * Checks what came from outside.
 * @throws TrucError ACCESS_PRINCIPAL_INVALID
 */
export function parsePrincipal(value: { readonly name: unknown; readonly agency: unknown; readonly role: unknown }): Principal {
  const { name, agency } = value;
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw invalid(
      'a principal is named with 1 to 100 lower-case letters, digits, dots, hyphens and underscores, a letter or digit at both ends',
    );
  }
  const role = roles.find((known) => known === value.role);
  if (role === undefined) throw invalid(`"${name}" has no role of ours; the roles are ${roles.join(', ')}`);
  if (agency === null) {
    if (agencyRoles.includes(role)) throw invalid(`"${name}" is ${role}: it needs the code of its agency`);
    return { name, agency, role };
  }
  if (typeof agency !== 'string' || !isAgencyCode(agency)) throw invalid(`the agency of "${name}" is not an agency code as in G12.34`);
  if (!agencyRoles.includes(role) && role !== 'reader')
    throw invalid(`"${name}" is ${role}: that role acts for all agencies and has none of its own`);
  return { name, agency, role };
}

function invalid(message: string): TrucError {
  return new TrucError('ACCESS_PRINCIPAL_INVALID', message);
}
