import { setTimeout as sleep } from 'node:timers/promises';
import {
  accessChanges,
  permissionText,
  wantedAccess,
  type BrokerPermission,
  type GrantReason,
  type PresentPermission,
  type WithdrawalReason,
} from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { aclText, type LogAdmin } from '@truc/kafka';
import { messageOf, type Clock } from '@truc/kernel';
import type { Logger, Telemetry } from '@truc/telemetry';
import { listedAccess } from './listed-access.js';

export interface AccessKeepingParts {
  readonly policy: { readonly isRead: boolean; all(): PolicyEntry[] };
  readonly admin: Pick<LogAdmin, 'listAcls' | 'createAcls' | 'deleteAcls'>;
  /** Of several processes the one that holds it acts. */
  readonly lease: { readonly isHeld: boolean };
  readonly telemetry: Telemetry;
  readonly log: Logger;
  readonly clock: Clock;
  readonly policyAgeMsMax: number;
  /** How often the brokers are looked at, in milliseconds. */
  readonly lookMs: number;
  /** Principals that are left alone. */
  readonly spared: ReadonlySet<string>;
}

/**
 * `waiting` until the policy is read; `standby` while another process acts; `kept` when the brokers were found or brought to what is wanted; `failing` while they cannot be;
 * `headless` where the policy does not name this service, so that hardly anything is done by it.
 */
export type KeepingState = 'waiting' | 'standby' | 'kept' | 'failing' | 'headless';

const retryMs = 1_000;
/** One request to the brokers; they take at most 10,000 records in one. */
const entriesMax = 500;

/**
 * Keeps permissions at the brokers as the policy says: when the policy changes, at the moment at which the same policy means something else (a contract's first or last
 * midnight, the policy's age), and again and again, for what somebody else changed there.
 */
export class AccessKeeping {
  readonly #parts: AccessKeepingParts;
  /** Texts of what this process knows to be granted. */
  #granted: ReadonlySet<string> = new Set();
  #denying: ReadonlySet<string> = new Set();
  #isOld = false;
  #state: KeepingState = 'waiting';
  #nextMs = 0;
  #wake: () => void = () => {};
  #isWoken = false;

  constructor(parts: AccessKeepingParts) {
    this.#parts = parts;
  }

  get state(): KeepingState {
    return this.#state;
  }

  /** Looks at once: something has changed. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#isWoken = false;
      this.#become(await this.#look());
      if (this.#isWoken || signal.aborted) continue;
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await sleep(this.#pauseMs(), undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {});
    }
  }

  #pauseMs(): number {
    const { lookMs, clock } = this.#parts;
    if (this.#state === 'failing') return Math.min(retryMs, lookMs);
    return Math.max(1, Math.min(lookMs, this.#nextMs - clock.now()));
  }

  async #look(): Promise<KeepingState> {
    const { policy, lease, log } = this.#parts;
    this.#nextMs = Infinity;
    if (!policy.isRead) return 'waiting';
    if (!lease.isHeld) return 'standby';
    try {
      return await this.#keep();
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'permissions at the brokers cannot be kept at the moment; it is tried again');
      return 'failing';
    }
  }

  async #keep(): Promise<KeepingState> {
    const { policy, admin, telemetry, log, clock, policyAgeMsMax, spared } = this.#parts;
    const wanted = wantedAccess(policy.all(), { nowMs: clock.now(), policyAgeMsMax });
    const { present, denying } = listedAccess(await admin.listAcls(), spared);
    const { grant, withdraw } = accessChanges(present, wanted, this.#granted);
    if (wanted.policyAgeMs !== null) telemetry.record('truc_policy_age', wanted.policyAgeMs / 1000, {});
    telemetry.record('truc_access_closed', wanted.isPolicyOld ? 1 : 0, {});
    this.#tellAge(wanted.isPolicyOld, wanted.policyAgeMs);
    this.#tellDenying(new Set(denying.map((entry) => `${aclText(entry)} from ${entry.host}`)));
    // First what is granted: nothing that stays granted is ever missing.
    for (const some of chunksOf(grant)) {
      await admin.createAcls(some.map(({ permission }) => ({ ...permission, principal: `User:${permission.principal}` })));
      for (const { permission, reason } of some) this.#tell('granted', permission, reason);
    }
    for (const some of chunksOf(withdraw)) {
      await admin.deleteAcls(some.map(({ permission }) => permission.entry));
      for (const { permission, reason } of some) this.#tell('withdrawn', permission, reason);
    }
    this.#nextMs = wanted.steadyUntilMs;
    if (!wanted.isWhole) {
      if (this.#state !== 'headless')
        log.error('the policy does not name this service: nothing is granted by it, and nobody reads by a contract');
      return 'headless';
    }
    this.#granted = new Set(wanted.permissions.map(permissionText));
    telemetry.record('truc_access_permissions', wanted.permissions.length, {});
    return 'kept';
  }

  /** The audit of access: one line and one count for each change that the brokers acknowledged. */
  #tell(
    change: 'granted' | 'withdrawn',
    { principal, operation, resourceType, patternType, name }: PresentPermission | BrokerPermission,
    reason: GrantReason | WithdrawalReason,
  ): void {
    const { telemetry, log } = this.#parts;
    telemetry.record('truc_access_changes', 1, { change, reason });
    const line = { audit: `access.${change}`, principal, operation, resourceType, patternType, name, reason };
    // Nobody but this service is to change anything there.
    if (reason === 'unknown' || reason === 'was-taken') log.warn(line, `access ${change}`);
    else log.info(line, `access ${change}`);
  }

  #tellAge(isOld: boolean, ageMs: number | null): void {
    const { log } = this.#parts;
    if (isOld === this.#isOld) return;
    this.#isOld = isOld;
    const ageSeconds = ageMs === null ? null : Math.round(ageMs / 1000);
    if (isOld)
      log.error(
        { audit: 'access.closed', ageSeconds },
        'nothing was heard of the platform for too long: nobody reads by a contract until it is back',
      );
    else log.info({ audit: 'access.opened', ageSeconds }, 'the platform is heard of again: contracts are open on their days');
  }

  #tellDenying(entries: ReadonlySet<string>): void {
    const { telemetry, log } = this.#parts;
    telemetry.record('truc_access_denying', entries.size, {});
    for (const entry of entries)
      if (!this.#denying.has(entry)) log.warn({ audit: 'access.denying', entry }, 'an entry that denies was made by hand; it is left');
    this.#denying = entries;
  }

  #become(state: KeepingState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#parts.log.info({ state }, `keeping of permissions is ${state} now`);
  }
}

function chunksOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / entriesMax) }, (_, index) => all.slice(index * entriesMax, (index + 1) * entriesMax));
}
