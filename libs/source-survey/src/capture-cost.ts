import { identityChoice, type CapturePlan } from './capture-plan.js';
import { plannedFacts } from './planned-tables.js';
import { rowsExpected } from './reading/sample-plan.js';
import type { DatabaseSurvey } from './survey.js';
import { changesPerDay, fullBytesPerDay, hoursOfWal, proposedKeepBytes, rowBytes, walBytesPerDay } from './wal-estimate.js';

/** What `npm run bench:capture` shows on two processors that PostgreSQL, Kafka and the agent share: rows of ten fields, published and acknowledged. */
export const captureRowsPerSecond = 40_000;

/** What REPLICA IDENTITY FULL would add to one table's log. */
export interface FullCost {
  readonly table: string;
  readonly changesPerDay: number;
  readonly rowBytes: number | null;
  readonly bytesPerDay: number | null;
}

/** What capturing would cost a server, before anything is set up. */
export interface CaptureCost {
  readonly wal: {
    /** Written in a day now; null where the server has not counted. */
    readonly bytesPerDay: number | null;
    /** Over which it has counted. */
    readonly countedSeconds: number | null;
    /** Tables that would come to send whole old rows. */
    readonly full: readonly FullCost[];
    readonly fullBytesPerDay: number;
    /** Proposed as `max_slot_wal_keep_size`, or set already, and for how many hours of the agent's absence that lasts. */
    readonly keepBytes: number;
    readonly keepHours: number | null;
  };
  readonly snapshot: {
    readonly rows: number;
    readonly bytes: number;
    readonly seconds: number;
    /** The slower of what was measured here and what the bench shows. */
    readonly rowsPerSecond: number;
    readonly measuredRowsPerSecond: number | null;
  };
}

/** @param measuredRowsPerSecond of reading, mapping and judging, from this machine; null where too little was read to tell */
export function captureCost(survey: DatabaseSurvey, plan: CapturePlan, measuredRowsPerSecond: number | null): CaptureCost {
  const tables = plannedFacts(survey, plan);
  const full = tables.flatMap(({ planned, facts }): FullCost[] => {
    const choice = identityChoice(facts, planned);
    if (choice.kind !== 'full' || !choice.isNew) return [];
    return [{ table: facts.table, changesPerDay: changesPerDay(facts), rowBytes: rowBytes(facts), bytesPerDay: fullBytesPerDay(facts) }];
  });
  const rows = tables.reduce((sum, { facts }) => sum + rowsExpected(facts), 0);
  const rowsPerSecond = Math.min(captureRowsPerSecond, measuredRowsPerSecond ?? captureRowsPerSecond);
  const keepBytes = survey.server.keepBytesMax ?? proposedKeepBytes(survey.server, survey.disk);
  return {
    wal: {
      bytesPerDay: walBytesPerDay(survey.server),
      countedSeconds: survey.server.wal === null ? null : Number(survey.server.wal.seconds),
      full,
      fullBytesPerDay: full.reduce((sum, { bytesPerDay }) => sum + (bytesPerDay ?? 0), 0),
      keepBytes,
      keepHours: hoursOfWal(survey.server, keepBytes),
    },
    snapshot: {
      rows,
      bytes: tables.reduce((sum, { facts }) => sum + facts.bytes, 0),
      seconds: rows / rowsPerSecond,
      rowsPerSecond,
      measuredRowsPerSecond,
    },
  };
}
