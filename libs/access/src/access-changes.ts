import { permissionText, type BrokerPermission } from './broker-acls.js';
import type { WantedAccess } from './wanted-access.js';

/** Why something is granted: the policy calls for it; or it was granted before, and somebody took it away at the brokers. */
export type GrantReason = 'policy' | 'was-taken';

/**
 * Why something is withdrawn: its policy is old; its contract is not in force today; the policy has changed; or nobody who is known granted it: it was made by hand, or
 * before this process began.
 */
export type WithdrawalReason = 'policy-old' | 'contract-not-in-force' | 'policy-changed' | 'unknown';

export interface AccessChanges<P> {
  readonly grant: readonly { readonly permission: BrokerPermission; readonly reason: GrantReason }[];
  readonly withdraw: readonly { readonly permission: P; readonly reason: WithdrawalReason }[];
}

/** A permission as it stands at the brokers: the words of ours, and others that a person may have used. */
export interface PresentPermission {
  readonly principal: string;
  readonly resourceType: string;
  readonly patternType: string;
  readonly name: string;
  readonly operation: string;
}

/**
 * What has to change so that the brokers hold what is wanted and nothing else. Pure.
 *
 * By a policy that is not whole nothing is granted and, of what is there, only reading by contract is withdrawn: it would take everything from everybody.
 * @param before texts of what this process had granted; what is missing of it was taken by somebody
 */
export function accessChanges<P extends PresentPermission>(
  present: readonly P[],
  wanted: WantedAccess,
  before: ReadonlySet<string>,
): AccessChanges<P> {
  const there = new Set(present.map(textOf));
  const texts = new Set(wanted.permissions.map(permissionText));
  const surplus = present.filter((permission) => !texts.has(textOf(permission)));
  if (!wanted.isWhole) {
    return { grant: [], withdraw: surplus.filter(isOfView).map((permission) => ({ permission, reason: 'policy-old' })) };
  }
  return {
    grant: wanted.permissions
      .filter((permission) => !there.has(permissionText(permission)))
      .map((permission) => ({ permission, reason: before.has(permissionText(permission)) ? 'was-taken' : 'policy' })),
    withdraw: surplus.map((permission) => ({ permission, reason: reasonOf(textOf(permission), wanted, before) })),
  };
}

function reasonOf(text: string, wanted: WantedAccess, before: ReadonlySet<string>): WithdrawalReason {
  if (wanted.withheldByAge.has(text)) return 'policy-old';
  if (wanted.withheldByDay.has(text)) return 'contract-not-in-force';
  return before.has(text) ? 'policy-changed' : 'unknown';
}

function textOf(permission: PresentPermission): string {
  return permissionText(permission as BrokerPermission);
}

function isOfView({ resourceType, patternType, name, operation }: PresentPermission): boolean {
  return resourceType === 'topic' && patternType === 'literal' && name.startsWith('view.') && operation === 'read';
}
