import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot, portsFrom, startBackbone, type Backbone } from '@truc/local-stack';
import type { StageProxies } from './stage.js';
import { TcpProxy } from './tcp-proxy.js';

export interface OwnBackboneOptions {
  readonly directory: string;
  readonly portBase: number;
  readonly residents: number;
  readonly seed: number;
  /** Folder whose apps are run where they have a planted bug; null: this checkout's. */
  readonly appsRoot: string | null;
  readonly tell: (sentence: string) => void;
  readonly signal: AbortSignal;
}

export interface OwnBackbone {
  readonly backbone: Backbone;
  readonly proxies: StageProxies;
  stop(): Promise<void>;
}

/** Places after the base that the backbone leaves free. */
const offsets = { sourceServer: 11, sourceLine: 12, kafkaDoor: 13, kafkaLine: 14 };

/** Starts a backbone anew, with the sources on a server of their own and a line in front of it and of Kafka. @throws what `startBackbone` throws */
export async function startOwnBackbone(options: OwnBackboneOptions): Promise<OwnBackbone> {
  const { directory, portBase, residents, seed, appsRoot, tell, signal } = options;
  const at = (place: keyof typeof offsets): number => portBase + offsets[place];
  const sources = await TcpProxy.listen('sources', at('sourceLine'), at('sourceServer'));
  const kafka = await TcpProxy.listen('Kafka', at('kafkaLine'), at('kafkaDoor')).catch(async (error: unknown) => {
    await sources.close();
    throw error;
  });
  const closeLines = async (): Promise<void> => void (await Promise.all([sources.close(), kafka.close()]));
  const reference = join(checkoutRoot, '..', 'shared', 'reference');
  try {
    const backbone = await startBackbone({
      directory,
      ports: portsFrom(portBase),
      residents,
      seed,
      fresh: true,
      sourceServer: { port: at('sourceServer') },
      seams: { sourcesPort: at('sourceLine'), kafka: { port: at('kafkaDoor'), advertisedPort: at('kafkaLine') } },
      progress: tell,
      signal,
      ...(appsRoot === null ? {} : { appsRoot }),
      ...(existsSync(join(reference, 'administrative-units')) ? { referenceDir: reference } : {}),
    });
    return {
      backbone,
      proxies: { sources, kafka },
      stop: async () => {
        await backbone.stop();
        await closeLines();
      },
    };
  } catch (error) {
    await closeLines();
    throw error;
  }
}
