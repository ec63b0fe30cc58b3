import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signAdministratorToken } from '@truc/coordination-store';
import type { PolicyEntry } from '@truc/coordination';
import { messageOf, TrucError } from '@truc/kernel';
import { demoDatabases, PlatformClient, type Backbone, type DemoDatabase } from '@truc/local-stack';
import { z } from 'zod';

/** How to get at a running backbone, whoever started it. */
export interface BackboneAccess {
  readonly directory: string;
  /** Of the servers' superusers, for sources and targets alike. */
  readonly databases: Readonly<Record<DemoDatabase, string>>;
  /** The super user's, past any line of ours. */
  readonly kafka: {
    readonly brokers: string[];
    readonly username: string;
    readonly password: string;
    readonly mechanism: 'SCRAM-SHA-512';
  };
  readonly registryUrl: string;
  /** For the platform and, as administrator, for the registry. */
  readonly administratorToken: string;
  readonly platform: PlatformClient;
  /** The distributor's root secret. */
  readonly viewSecret: string;
  policy(): Promise<readonly PolicyEntry[]>;
}

const tokenSeconds = 24 * 60 * 60;
const reference = z.object({ file: z.string() });
const platformConfiguration = z.object({
  port: z.number(),
  databaseUrl: reference,
  registryUrl: z.string(),
  kafka: z.object({ brokers: z.array(z.string()), username: z.string(), password: reference }),
  tokenKeyFile: z.string(),
});
const agentConfiguration = z.object({
  seats: z.array(z.object({ sources: z.record(z.string(), z.object({ url: reference })) })),
});

/**
 * Access to the backbone that keeps its data in `directory`, by its own configurations and secrets.
 * @throws TrucError CHECKER_BACKBONE_MISSING where nothing was ever started, CHECKER_BACKBONE_UNREADABLE, CHECKER_BACKBONE_STOPPED where nothing answers
 */
export async function accessDirectory(directory: string): Promise<BackboneAccess> {
  const configuration = join(directory, 'config', 'platform.json');
  if (!existsSync(configuration))
    throw new TrucError(
      'CHECKER_BACKBONE_MISSING',
      `${directory} holds no backbone: start one there with "npm start -- --directory ${directory}"`,
    );
  const { port, databaseUrl, registryUrl, kafka, tokenKeyFile } = read(configuration, platformConfiguration);
  const agent = read(join(directory, 'config', 'agent-g01.json'), agentConfiguration);
  const sourceUrl = secret(agent.seats[0]?.sources.population?.url ?? databaseUrl);
  const administratorToken = await signAdministratorToken(tokenKeyFile, { expiresInSeconds: tokenSeconds });
  const platform = new PlatformClient(`http://127.0.0.1:${port}`, administratorToken);
  try {
    await platform.status();
  } catch (cause) {
    throw new TrucError(
      'CHECKER_BACKBONE_STOPPED',
      `the backbone in ${directory} does not answer: start it with "npm start -- --directory ${directory}"`,
      { cause },
    );
  }
  return {
    directory,
    databases: superuserUrls(directory, secret(databaseUrl), sourceUrl),
    kafka: { brokers: kafka.brokers, username: kafka.username, password: secret(kafka.password), mechanism: 'SCRAM-SHA-512' },
    registryUrl,
    administratorToken,
    platform,
    viewSecret: readFileSync(join(directory, 'secrets', 'view-secret'), 'utf8').trim(),
    policy: () => platform.policy(),
  };
}

/** Access to a backbone that the checker started: past the lines that it put in between. */
export function accessOwn(backbone: Backbone): BackboneAccess {
  const { directory, databases, kafka, ports, administratorToken, platform } = backbone;
  return {
    directory,
    databases: superuserUrls(directory, databases.generalDatabase, databases.population),
    kafka: { ...kafka, brokers: [...kafka.brokers] },
    registryUrl: `http://127.0.0.1:${ports['schema-registry']}`,
    administratorToken,
    platform,
    viewSecret: readFileSync(join(directory, 'secrets', 'view-secret'), 'utf8').trim(),
    policy: () => platform.policy(),
  };
}

/** Sources may be on a server of their own. */
function superuserUrls(directory: string, serverUrl: string, sourceUrl: string): Readonly<Record<DemoDatabase, string>> {
  const hasOwn = existsSync(join(directory, 'postgres-source', 'superuser.password'));
  const entries = Object.entries(demoDatabases).map(([name, { database, owner }]) => {
    const isSource = owner === null;
    const url = new URL(isSource ? sourceUrl : serverUrl);
    url.username = 'postgres';
    url.password = readFileSync(join(directory, isSource && hasOwn ? 'postgres-source' : 'postgres', 'superuser.password'), 'utf8').trim();
    url.pathname = `/${database}`;
    return [name, url.href];
  });
  return Object.fromEntries(entries) as Record<DemoDatabase, string>;
}

function read<T>(path: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const why = issue === undefined ? messageOf(cause) : `${issue.path.join('.')}: ${issue.message}`;
    throw new TrucError(
      'CHECKER_BACKBONE_UNREADABLE',
      `${path} is not as "npm start" writes it (${why}): start the backbone again, which writes it anew`,
      { cause },
    );
  }
}

function secret({ file }: { readonly file: string }): string {
  return readFileSync(file, 'utf8').trim();
}
