import type { PolicyEntry } from '@truc/coordination';
import type { DemoDatabaseUrls, PlatformClient } from '@truc/local-stack';

/** How to get at a running backbone, whoever started it. */
export interface BackboneAccess {
  readonly directory: string;
  /** Of the server's superuser, for sources and targets alike. */
  readonly databases: DemoDatabaseUrls;
  /** The super user's, past any line of ours. */
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly username: string;
    readonly password: string;
    readonly mechanism: 'SCRAM-SHA-512';
  };
  readonly registryUrl: string;
  /** For the platform and, as administrator, for the registry. */
  readonly administratorToken: string;
  readonly platform: PlatformClient;
  policy(): Promise<readonly PolicyEntry[]>;
}
