import type { ContractPolicy } from '@truc/contracts';
import type { PolicyEntry } from '@truc/coordination';
import { isoDateOfDays, vietnamToday } from '@truc/dictionary';
import { brokerAcls, brokerPrincipals, permissionText, type BrokerPermission } from './broker-acls.js';

const dayMs = 24 * 60 * 60 * 1000;
/** Contracts begin and end at midnight in Viet Nam, seven hours before that of UTC. */
const midnightMs = 17 * 60 * 60 * 1000;

/** By what an access is decided beside the policy. */
export interface AccessTerms {
  readonly nowMs: number;
  /** A policy whose platform has been silent for longer is old: what was agreed may have been taken back without anybody being able to say so here. */
  readonly policyAgeMsMax: number;
}

/** Who may do what at the brokers at one moment. */
export interface WantedAccess {
  readonly permissions: readonly BrokerPermission[];
  /** Time since the platform last vouched for this policy, in milliseconds; null where it never did. */
  readonly policyAgeMs: number | null;
  /** The policy is old: nobody reads by a contract until the platform is heard of again. */
  readonly isPolicyOld: boolean;
  /** False where the policy does not even name the service that keeps access: it is of nobody, or only half there. */
  readonly isWhole: boolean;
  /** Until this moment the same policy means the same, unless the platform is heard of. */
  readonly steadyUntilMs: number;
  /** Permissions that only the policy's age, or only the days of contracts, withhold now, by their text: why they were taken. */
  readonly withheldByAge: ReadonlySet<string>;
  readonly withheldByDay: ReadonlySet<string>;
}

/**
 * Decides who may do what. Pure.
 *
 * Those who were made have what their role says; those who were not, or are no longer, have nothing. What a contract gives is given on its days, by a policy that is fresh: a
 * row that was read cannot be taken back. What is an agency's own (to write its datasets, to read its commands) stays with an old policy: taking it would stop the agency's
 * capture and fill its database's disk, and would keep nobody from anything of others.
 */
export function wantedAccess(entries: readonly PolicyEntry[], { nowMs, policyAgeMsMax }: AccessTerms): WantedAccess {
  const heartbeat = entries.find((entry) => entry.kind === 'heartbeat');
  // A platform whose clock is ahead is taken at its word: nobody else can write there.
  const policyAgeMs = heartbeat?.kind === 'heartbeat' ? Math.max(0, nowMs - heartbeat.atMs) : null;
  const isPolicyOld = policyAgeMs === null || policyAgeMs > policyAgeMsMax;
  const today = isoDateOfDays(vietnamToday({ now: () => nowMs }));
  const isInForce = ({ validFrom, validTo }: ContractPolicy): boolean => validFrom <= today && (validTo === null || today <= validTo);
  const known = new Set(entries.flatMap((entry) => (entry.kind === 'principal' ? [entry.name] : [])));
  const permissionsBy = (counts: (contract: ContractPolicy) => boolean): BrokerPermission[] =>
    brokerAcls(entries, counts).filter(({ principal }) => known.has(principal));
  const byDays = permissionsBy(isInForce);
  const permissions = isPolicyOld ? permissionsBy(() => false) : byDays;
  const textsOf = (list: readonly BrokerPermission[]): Set<string> => new Set(list.map(permissionText));
  const wanted = textsOf(permissions);
  const inForce = textsOf(byDays);
  return {
    permissions,
    policyAgeMs,
    isPolicyOld,
    isWhole: known.has(brokerPrincipals.brokerAccess),
    steadyUntilMs: Math.min(nextMidnight(nowMs), isPolicyOld ? Infinity : nowMs - (policyAgeMs ?? 0) + policyAgeMsMax + 1),
    withheldByAge: without(inForce, wanted),
    withheldByDay: without(textsOf(permissionsBy(() => true)), inForce),
  };
}

/** The beginning of the next day in Viet Nam. */
function nextMidnight(nowMs: number): number {
  return nowMs - ((nowMs - midnightMs) % dayMs) + dayMs;
}

function without(texts: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...texts].filter((text) => !others.has(text)));
}
