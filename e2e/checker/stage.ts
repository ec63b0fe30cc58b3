import type { Backbone, BackboneProcess } from '@truc/local-stack';
import type { BackboneAccess } from './backbone-access.js';
import type { EventHistory } from './event-history.js';
import type { Random } from '@truc/demo';
import type { TcpProxy } from './tcp-proxy.js';
import type { Writers } from './writers.js';

/** Lines between the backbone's processes and the servers. */
export interface StageProxies {
  /** Between the agents and the databases that they capture. */
  readonly sources: TcpProxy;
  /** Between every app and Kafka. */
  readonly kafka: TcpProxy;
}

/** Everything that a scenario may act upon. */
export interface Stage {
  readonly backbone: BackboneAccess;
  /** @throws TrucError CHECKER_BACKBONE_FOREIGN where the backbone belongs to somebody else */
  readonly own: () => Backbone;
  /** `PostgreSQL`, `source PostgreSQL`, `Kafka`, or an app; it must run to be killed, paused or stopped. @throws TrucError BACKBONE_PROCESS_UNKNOWN; CHECKER_BACKBONE_FOREIGN */
  readonly process: (name: string) => BackboneProcess;
  /** @throws TrucError CHECKER_BACKBONE_FOREIGN */
  readonly proxies: () => StageProxies;
  readonly writers: Writers;
  readonly history: EventHistory;
  /** Drawn from the run's seed. */
  readonly random: Random;
  readonly quick: boolean;
  /** Waits until all that is committed by now has arrived everywhere; writers may go on. @throws what `untilDrained` of local-stack throws */
  readonly untilDrained: () => Promise<void>;
  /** Waits until the gaps that the scenario expects are named and resolved, and their sources are captured again. @throws TrucError CHECKER_GAP_MISSING after a while */
  readonly untilGapsResolved: () => Promise<void>;
  /** Waits, unless the run is given up. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
}
