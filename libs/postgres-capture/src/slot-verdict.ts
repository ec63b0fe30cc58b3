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
  readonly active: boolean;
  readonly database: string;
  /** Of the cluster, made by initdb: a copy of the cluster has the same one. */
  readonly systemIdentifier: string;
  readonly timeline: number;
  /** Where earlier timelines of this server's history ended. */
  readonly timelineSwitches: readonly { readonly timeline: number; readonly switchLsn: Lsn }[];
  /** End of the flushed log. */
  readonly currentWalLsn: Lsn;
}

/** What the agent's state says of the source; null when there is no state. */
export interface StoredSource {
  /**
   * What was acknowledged last. 0 is written before the slot is created: a slot that is found later is then ours, left by a start that did not get further.
   */
  readonly sequence: bigint;
  /** Of the server that the sequence belongs to, where the state has them. */
  readonly systemIdentifier?: string;
  readonly timeline?: number;
}

export type SlotGapCode =
  | 'CAPTURE_SLOT_MISSING'
  | 'CAPTURE_SLOT_AHEAD'
  | 'CAPTURE_SLOT_UNKNOWN'
  | 'CAPTURE_SLOT_LOST'
  | 'CAPTURE_SLOT_FOREIGN'
  | 'CAPTURE_SOURCE_RESTORED'
  | 'CAPTURE_SOURCE_REPLACED'
  | 'CAPTURE_TIMELINE_DIVERGED';

export type SlotVerdict =
  | { readonly kind: 'create' }
  | { readonly kind: 'resume' }
  /** The stream cannot go on where it stood. `sentence` says what happened and what to do; the flow stops, or raises the epoch. */
  | { readonly kind: 'gap'; readonly code: SlotGapCode; readonly sentence: string };

/**
 * Whether streaming may go on from what is stored. Order of durability is data, state, slot (wire.md), so `confirmed_flush_lsn` is never more than one byte past
 * the stored sequence; the slot being behind is normal, what it sends again is skipped.
 *
 * A slot without any state is not taken over: it may feed somebody else (a subscription of the same name), who would lose what is read here.
 */
export function judgeSlot(stored: StoredSource | null, facts: SlotFacts): SlotVerdict {
  const { slot } = facts;
  if (facts.exists && (facts.plugin !== 'pgoutput' || facts.slotDatabase !== facts.database)) {
    const owner = `${facts.plugin ?? 'physical replication'}, database ${facts.slotDatabase ?? 'none'}`;
    return gap('CAPTURE_SLOT_FOREIGN', `the slot "${slot}" is not one of ours (${owner}): name another slot`);
  }
  if (stored === null) {
    if (!facts.exists) return { kind: 'create' };
    return gap(
      'CAPTURE_SLOT_UNKNOWN',
      `the slot "${slot}" exists and the agent has no state for it: it may belong to somebody else, or the state was lost. ` +
        `If nobody reads it: SELECT pg_drop_replication_slot('${slot}')`,
    );
  }
  if (stored.sequence === 0n) return facts.exists ? lostOr(facts, { kind: 'resume' }) : { kind: 'create' };
  return judgeServer(stored, facts) ?? judgePosition(stored.sequence, facts);
}

function judgeServer(stored: StoredSource, facts: SlotFacts): SlotVerdict | null {
  const at = formatLsn(stored.sequence);
  if (stored.systemIdentifier !== undefined && stored.systemIdentifier !== facts.systemIdentifier) {
    return gap(
      'CAPTURE_SOURCE_REPLACED',
      `the state belongs to the cluster ${stored.systemIdentifier} and this is ${facts.systemIdentifier}: ` +
        'positions of one mean nothing in the other. Start a new epoch with a snapshot, or connect to the former server',
    );
  }
  if (facts.currentWalLsn <= stored.sequence) {
    return gap(
      'CAPTURE_SOURCE_RESTORED',
      `the log of the source ends at ${formatLsn(facts.currentWalLsn)} and the state stands at ${at}: the source was restored to an earlier time, ` +
        'and changes that were already published are no longer in it. Start a new epoch with a snapshot',
    );
  }
  const left = facts.timelineSwitches.find(({ timeline }) => timeline === stored.timeline);
  if (left !== undefined && left.switchLsn <= stored.sequence) {
    return gap(
      'CAPTURE_TIMELINE_DIVERGED',
      `timeline ${left.timeline} was left at ${formatLsn(left.switchLsn)} and the state stands at ${at}: a failover or a restore dropped changes ` +
        'that were already published. Start a new epoch with a snapshot',
    );
  }
  return null;
}

function judgePosition(stored: bigint, facts: SlotFacts): SlotVerdict {
  const { slot, confirmedFlushLsn } = facts;
  if (!facts.exists) {
    return gap(
      'CAPTURE_SLOT_MISSING',
      `the slot "${slot}" does not exist and the state stands at ${formatLsn(stored)}: it was dropped, or a failover did not carry it over, ` +
        'and changes since then were not kept. Start a new epoch with a snapshot',
    );
  }
  if (confirmedFlushLsn !== null && confirmedFlushLsn > stored + 1n) {
    return gap(
      'CAPTURE_SLOT_AHEAD',
      `the slot "${slot}" is confirmed to ${formatLsn(confirmedFlushLsn)} and the state stands at ${formatLsn(stored)}: it was advanced by hand, ` +
        'made anew, or read by another program, and what lies between will not be sent again. Start a new epoch with a snapshot',
    );
  }
  return lostOr(facts, { kind: 'resume' });
}

function lostOr(facts: SlotFacts, otherwise: SlotVerdict): SlotVerdict {
  if (facts.walStatus !== 'lost') return otherwise;
  return gap(
    'CAPTURE_SLOT_LOST',
    `the server gave up the slot "${facts.slot}" (wal_status lost): the agent was away for longer than max_slot_wal_keep_size or idle_replication_slot_timeout ` +
      'allow. Drop the slot and start a new epoch with a snapshot',
  );
}

function gap(code: SlotGapCode, sentence: string): SlotVerdict {
  return { kind: 'gap', code, sentence };
}
