import { systemClock, type Clock, type SecretText } from '@truc/kernel';
import type { CapturedTable } from './captured-table.js';

export interface CaptureLimits {
  /** Bytes read from the replication socket ahead of the consumer. */
  readonly readAheadBytes: number;
  /** The largest row that is accepted, as the protocol sends it. */
  readonly messageBytesMax: number;
  readonly rowsPerMessage: number;
  readonly bytesPerMessage: number;
  readonly chunkRows: number;
  readonly chunkBytes: number;
  /** Snapshot chunks that are read ahead of the stream; at most two are worth having. */
  readonly chunksAhead: number;
  /** Keys remembered for the snapshot's sake (TouchedKeys). */
  readonly touchedKeysBytes: number;
  /** Wait before a chunk is read again that could not be judged. */
  readonly chunkRetryDelayMs: number;
  /** How often an idle stream reports how far it has looked. */
  readonly idleIntervalMs: number;
  /** How often it is looked whether the captured tables are still published. */
  readonly publicationLookMs: number;
  /** How often the confirmed position is told to the server; a third of wal_sender_timeout where that is shorter. */
  readonly statusIntervalMs: number;
  /** How often a message is written at the primary, where a standby is captured from. */
  readonly pulseIntervalMs: number;
}

const MIB = 1024 * 1024;

export const defaultCaptureLimits: CaptureLimits = {
  readAheadBytes: 4 * MIB,
  messageBytesMax: 256 * MIB,
  rowsPerMessage: 1_000,
  bytesPerMessage: MIB,
  chunkRows: 5_000,
  chunkBytes: 4 * MIB,
  chunksAhead: 2,
  touchedKeysBytes: 64 * MIB,
  chunkRetryDelayMs: 1_000,
  idleIntervalMs: 10_000,
  publicationLookMs: 30_000,
  statusIntervalMs: 1_000,
  pulseIntervalMs: 15_000,
};

/** A sentence for the log. It names tables, slots, transactions and LSNs, never a value of a row. */
export type CaptureLog = (level: 'info' | 'warn', message: string) => void;

export interface CaptureOptions {
  /** `postgres://user:password@host:port/database?sslrootcert=ca.pem`, revealed at each connection; the role has LOGIN, REPLICATION and SELECT on the tables. */
  readonly connectionString: SecretText;
  /** Of the server that `connectionString` follows, where that is a standby. */
  readonly primaryConnectionString?: SecretText | null;
  readonly slot: string;
  readonly publication: string;
  readonly tables: readonly CapturedTable[];
  readonly limits?: Partial<CaptureLimits>;
  readonly clock?: Clock;
  readonly log?: CaptureLog;
}

export function completeOptions(options: CaptureOptions): Required<CaptureOptions> & { readonly limits: CaptureLimits } {
  return {
    ...options,
    primaryConnectionString: options.primaryConnectionString ?? null,
    limits: { ...defaultCaptureLimits, ...options.limits },
    clock: options.clock ?? systemClock,
    log: options.log ?? (() => undefined),
  };
}
