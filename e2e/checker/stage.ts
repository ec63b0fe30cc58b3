import type { BackboneAccess } from './backbone-access.js';
import type { EventHistory } from './event-history.js';
import type { Random } from './random.js';
import type { TcpProxy } from './tcp-proxy.js';
import type { Writers } from './writers.js';

/** A process of the backbone that a scenario may end, stop and start again. */
export interface StageProcess {
  readonly name: string;
  /** Of the process that runs now; null while there is none. */
  readonly pid: number | null;
  /** SIGKILL; returns when it has ended. */
  kill(): Promise<void>;
  /** SIGSTOP, until {@link StageProcess.resume}. */
  pause(): void;
  resume(): void;
  /** As its operator would stop it. */
  stop(): Promise<void>;
  /** Starts it again with the same configuration; returns when it is ready. */
  start(): Promise<void>;
  /** A second one of the same identity beside this one; the function stops it. */
  startDuplicate(): Promise<() => Promise<void>>;
}

/** `PostgreSQL`, `Kafka` and the apps by the names of local-stack's `backboneApps`. */
export type StageProcessName = string;

/** Lines between the backbone's processes and the servers. */
export interface StageProxies {
  readonly postgres: TcpProxy;
  readonly kafka: TcpProxy;
}

/** Everything that a scenario may act upon. */
export interface Stage {
  readonly backbone: BackboneAccess;
  /** @throws TrucError CHECKER_PROCESS_UNKNOWN */
  process(name: StageProcessName): StageProcess;
  /** Null where the backbone belongs to somebody else. */
  readonly proxies: StageProxies | null;
  readonly writers: Writers;
  readonly history: EventHistory;
  /** Drawn from the run's seed. */
  readonly random: Random;
  readonly seed: number;
  readonly quick: boolean;
  /** Waits until all that is committed by now has arrived everywhere; writers may go on. @throws what `untilDrained` of local-stack throws */
  untilDrained(): Promise<void>;
  /** Waits, unless the run is given up. */
  sleep(milliseconds: number): Promise<void>;
  readonly signal: AbortSignal;
}
