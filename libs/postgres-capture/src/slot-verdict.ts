import { formatLsn, type Lsn } from './lsn.js';

/** A slot and its server, as they are now. */
export interface SlotFacts {
  readonly slot: string;
  readonly exists: boolean;
  readonly plugin: string | null;
  /** The database the slot belongs to. */
  readonly slotDatabase: string | null;
  readonly confirmedFlushLsn: Lsn | null;
  readonly restartLsn: Lsn | null;
  /** `reserved`, `extended`, `unreserved` or `lost` (view pg_replication_slots). */
  readonly walStatus: string | null;
  /** Why the server gave the slot up, e.g. `wal_removed` (PostgreSQL 17 and later). */
  readonly invalidationReason: string | null;
  readonly active: boolean;
  readonly database: string;
  /** Of the cluster, made by initdb: a copy of the cluster has the same one. */
  readonly systemIdentifier: string;
  readonly timeline: number;
  /** Where earlier timelines of this server's history ended. */
  readonly timelineSwitches: readonly { readonly timeline: number; readonly switchLsn: Lsn }[];
  /** End of the flushed log. */
  readonly currentWalLsn: Lsn;
  /** A standby: its log ends where it has got to, and it need not have the slot. */
  readonly inRecovery: boolean;
}

/** What the agent's state says of the source; null when there is no state. */
export interface StoredSource {
  /**
   * What was acknowledged last. 0 is written before the slot is created: a slot that is found later is then ours, left by a start that did not get further.
   */
  readonly sequence: bigint;
  /** The highest sequence that was ever sent in the stored epoch: it may lie beyond what was acknowledged, and the source has to contain it all the same. */
  readonly highestSent?: bigint;
  /** Of the server that the sequence belongs to, where the state has them. */
  readonly systemIdentifier?: string;
  readonly timeline?: number;
}

export type SlotGapCode =
  | 'CAPTURE_SLOT_MISSING'
  | 'CAPTURE_SLOT_AHEAD'
  | 'CAPTURE_SLOT_UNKNOWN'
  | 'CAPTURE_SLOT_LOST'
  | 'CAPTURE_SOURCE_RESTORED'
  | 'CAPTURE_SOURCE_REPLACED'
  | 'CAPTURE_TIMELINE_DIVERGED';

export type SlotVerdict =
  | { readonly kind: 'create' }
  | { readonly kind: 'resume' }
  /** Nothing can be told of the source now; it is asked again. */
  | { readonly kind: 'wait'; readonly code: 'CAPTURE_SOURCE_IS_STANDBY' | 'CAPTURE_STANDBY_BEHIND'; readonly sentence: string }
  /** The configuration names what is not ours. No epoch mends that, so it is none of the gaps. */
  | { readonly kind: 'refused'; readonly code: 'CAPTURE_SLOT_FOREIGN'; readonly sentence: string }
  /** The stream cannot go on where it stood. `sentence` says what happened, with LSNs; the flow stops until a person begins a new epoch. */
  | { readonly kind: 'gap'; readonly code: SlotGapCode; readonly sentence: string };

/**
 * Whether streaming may go on from what is stored. Order of durability is data, state, slot (wire.md), so `confirmed_flush_lsn` is never more than one byte past
 * the stored sequence; the slot being behind is normal, what it sends again is skipped. A slot further on has forgotten what nobody stored: its stream is never
 * followed.
 *
 * The server is judged by the highest position that was ever sent, which may lie beyond the stored one: what was published and is not in the source any more was
 * taken back there, and no later event would undo it.
 *
 * A slot without any state is not taken over: it may feed somebody else (a subscription of the same name), who would lose what is read here.
 * @param fromStandby whether a standby will do, since its primary is known and writes what the standby cannot
 */
export function judgeSlot(stored: StoredSource | null, facts: SlotFacts, fromStandby = false): SlotVerdict {
  const { slot } = facts;
  if (facts.inRecovery && !fromStandby) {
    const sentence =
      'this server is a standby now: connect to the primary, promote it, or name its primary with primaryUrl (PostgreSQL 16 and later)';
    return { kind: 'wait', code: 'CAPTURE_SOURCE_IS_STANDBY', sentence };
  }
  if (facts.exists && (facts.plugin !== 'pgoutput' || facts.slotDatabase !== facts.database)) {
    const owner = `${facts.plugin ?? 'physical replication'}, database ${facts.slotDatabase ?? 'none'}`;
    return {
      kind: 'refused',
      code: 'CAPTURE_SLOT_FOREIGN',
      sentence: `the slot "${slot}" is not one of ours (${owner}): name another slot`,
    };
  }
  if (stored === null) {
    if (!facts.exists) return { kind: 'create' };
    return gap(
      'CAPTURE_SLOT_UNKNOWN',
      `the slot "${slot}" exists, confirmed to ${facts.confirmedFlushLsn === null ? 'nothing' : formatLsn(facts.confirmedFlushLsn)}, and the agent has no state for it: ` +
        'it may belong to somebody else, or the state was lost',
    );
  }
  const { sequence, highestSent = 0n } = stored;
  const reached = sequence > highestSent ? sequence : highestSent;
  if (reached === 0n) return facts.exists ? lostOr(facts, { kind: 'resume' }) : { kind: 'create' };
  return judgeServer(stored, reached, facts) ?? judgePosition(sequence, reached, facts);
}

function judgeServer(stored: StoredSource, reached: bigint, facts: SlotFacts): SlotVerdict | null {
  const at = formatLsn(reached);
  if (stored.systemIdentifier !== undefined && stored.systemIdentifier !== facts.systemIdentifier) {
    return gap(
      'CAPTURE_SOURCE_REPLACED',
      `the state belongs to the cluster ${stored.systemIdentifier}, published up to ${at}, and this is ${facts.systemIdentifier}: ` +
        'positions of one mean nothing in the other',
    );
  }
  if (facts.currentWalLsn <= reached && facts.inRecovery) {
    const sentence = `the standby has the log up to ${formatLsn(facts.currentWalLsn)}, and what is published reaches ${at}: it has not come so far yet`;
    return { kind: 'wait', code: 'CAPTURE_STANDBY_BEHIND', sentence };
  }
  if (facts.currentWalLsn <= reached) {
    return gap(
      'CAPTURE_SOURCE_RESTORED',
      `the log of the source ends at ${formatLsn(facts.currentWalLsn)} and was published up to ${at}: the source was restored to an earlier time, ` +
        'and changes that were already published are no longer in it',
    );
  }
  return stored.timeline === undefined || stored.timeline === facts.timeline ? null : judgeTimeline(stored.timeline, reached, facts);
}

/** A server that took another timeline since contains everything up to where the stored one was left, and nothing of it behind. */
function judgeTimeline(stored: number, reached: bigint, { timeline, timelineSwitches }: SlotFacts): SlotVerdict | null {
  const left = timelineSwitches.find((past) => past.timeline === stored);
  if (left !== undefined && left.switchLsn > reached) return null;
  const history =
    left === undefined
      ? `the source is on timeline ${timeline}, which does not descend from timeline ${stored}`
      : `timeline ${left.timeline} was left at ${formatLsn(left.switchLsn)}`;
  return gap(
    'CAPTURE_TIMELINE_DIVERGED',
    `${history}, and what stood on timeline ${stored} was published up to ${formatLsn(reached)}: ` +
      'a failover or a restore to an earlier time dropped changes that were already published',
  );
}

function judgePosition(stored: bigint, reached: bigint, facts: SlotFacts): SlotVerdict {
  const { slot, confirmedFlushLsn } = facts;
  if (!facts.exists) {
    return gap(
      'CAPTURE_SLOT_MISSING',
      `the slot "${slot}" does not exist and the state stands at ${formatLsn(stored)}, published up to ${formatLsn(reached)}: it was dropped, or a failover did not ` +
        `carry it over, and changes from then to the present end of the log, ${formatLsn(facts.currentWalLsn)}, were not kept`,
    );
  }
  // Nothing was stored yet: the slot is confirmed to where it was made.
  if (stored > 0n && confirmedFlushLsn !== null && confirmedFlushLsn > stored + 1n) {
    return gap(
      'CAPTURE_SLOT_AHEAD',
      `the slot "${slot}" is confirmed to ${formatLsn(confirmedFlushLsn)} and the state stands at ${formatLsn(stored)}: it was advanced by hand, ` +
        'made anew, or read by another program, and what lies between will not be sent again',
    );
  }
  return lostOr(facts, { kind: 'resume' });
}

function lostOr(facts: SlotFacts, otherwise: SlotVerdict): SlotVerdict {
  if (facts.walStatus !== 'lost') return otherwise;
  return gap(
    'CAPTURE_SLOT_LOST',
    `the server gave up the slot "${facts.slot}" (wal_status lost${facts.invalidationReason === null ? '' : `, ${facts.invalidationReason}`}), which was confirmed to ` +
      `${facts.confirmedFlushLsn === null ? 'nothing' : formatLsn(facts.confirmedFlushLsn)}: ${whyLost(facts)}`,
  );
}

/** `rows_removed` and `wal_level_insufficient` are of slots on a standby. */
function whyLost({ invalidationReason }: SlotFacts): string {
  switch (invalidationReason) {
    case 'rows_removed':
      return 'the primary removed rows of its catalogue that the slot on the standby still needed, which hot_standby_feedback = on prevents';
    case 'wal_level_insufficient':
      return 'wal_level of the primary was lowered, and a slot on a standby ends with that';
    default:
      return 'the agent was away for longer than max_slot_wal_keep_size or idle_replication_slot_timeout allow';
  }
}

function gap(code: SlotGapCode, sentence: string): SlotVerdict {
  return { kind: 'gap', code, sentence };
}
