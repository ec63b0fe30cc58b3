import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PolicyEntry } from '@truc/coordination';
import { signAdministratorToken } from '@truc/coordination-store';
import { createWorld, loadSources, type World } from '@truc/demo';
import { TrucError } from '@truc/kernel';
import { checkoutRoot, type Progress } from '../checkout.js';
import { DirectoryLock } from '../directory-lock.js';
import { findJava } from '../java-programs.js';
import type { KafkaLine } from '../kafka-configuration.js';
import { startKafka, type KafkaOptions, type KafkaServer } from '../kafka-server.js';
import { startNodeApp } from '../node-app.js';
import { freePort } from '../port.js';
import { startPostgres, type PostgresServer } from '../postgres-server.js';
import type { PostgresSettings } from '../postgres-settings.js';
import { removeServerDirectory } from '../server-directory.js';
import { tokenKeyFile, writeAppConfigurations, writeSecondConfiguration } from './app-configurations.js';
import { backboneApps, nodeFlagsOf, roomOf, withNeeds, type BackboneApp } from './backbone-app.js';
import { BackboneFacts, type BackboneStep, type BackboneWish } from './backbone-facts.js';
import { checkPorts, defaultPortBase, portSettingOf, portsFrom, type BackbonePorts } from './backbone-ports.js';
import { backboneProcess, type BackboneProcess } from './backbone-process.js';
import { atPort, type BackboneSeams } from './backbone-seams.js';
import { createDemoDatabases, demoDatabaseUrls, recreateSources, type DemoDatabaseUrls, type DemoServers } from './demo-databases.js';
import { agentPrincipals, dictionaryAuthority, ensurePrincipals, servicePrincipals, tokenFile } from './demo-principals.js';
import { applyDemo, checkRoom, prepareDemoSources, untilSchemasRegistered } from './first-start.js';
import { PlatformClient } from './platform-client.js';
import { RunningProcesses } from './running-processes.js';
import { SecretsDirectory } from './secrets-directory.js';

export interface BackboneOptions {
  /** Holds everything: servers' data, secrets, configurations, logs. Default: `.truc/backbone` of the checkout. */
  readonly directory?: string;
  /** Default: 4701 and on. */
  readonly ports?: BackbonePorts;
  /** Default: what the directory was made with, else 100,000. */
  readonly residents?: number;
  readonly seed?: number;
  /** Directory with the real lists of communes; invented ones without it. What the directory was made with stays. */
  readonly referenceDir?: string;
  /** Only these apps, and what they need. Default: all. */
  readonly only?: readonly BackboneApp[];
  /** Platform and registry ask for no credentials. */
  readonly open?: boolean;
  /** The agencies' databases are on a server of their own, which may then be stopped, restored and lost by itself. Default: all are on one server. */
  readonly sourceServer?: { readonly port: number; readonly settings?: PostgresSettings };
  /** Of the broker's process; a local one is made to start fast. */
  readonly kafka?: Pick<KafkaOptions, 'heapMebibytes' | 'jvmFlags' | 'settings'>;
  /** Default: nothing stands between. */
  readonly seams?: BackboneSeams;
  /** Base URL of an OTLP/HTTP collector for the spans of every app. Default: they are not sent. */
  readonly otlpEndpoint?: string;
  /** Folder whose `apps/<name>/dist` are run. Default: this checkout. */
  readonly appsRoot?: string;
  /** Deletes the directory first. */
  readonly fresh?: boolean;
  readonly progress?: Progress;
  /** Gives the start up; whatever runs by then is stopped. */
  readonly signal?: AbortSignal;
}

export interface Backbone {
  readonly directory: string;
  readonly ports: BackbonePorts;
  readonly urls: Readonly<Partial<Record<BackboneApp, string>>>;
  /** Each for its owner; the sources for the server's administrator. */
  readonly databases: DemoDatabaseUrls;
  readonly kafka: Pick<KafkaServer, 'brokers' | 'username' | 'password' | 'mechanism'>;
  /** Those that run now. */
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Where the data of the server of the sources really lies. */
  readonly sourceDataDirectory: string;
  /** `PostgreSQL`, `source PostgreSQL` where there is one, `Kafka`, or an app. @throws TrucError BACKBONE_PROCESS_UNKNOWN */
  process(name: string): BackboneProcess;
  /** Starts a second process of an app with the same identity at another port, as a successor or a mistake would be. Name: the app's with `-second`. */
  startSecond(app: BackboneApp): Promise<BackboneProcess>;
  readonly administratorToken: string;
  /** Of the person who approves what was proposed for the dictionary. */
  readonly dictionaryAuthorityToken: string;
  readonly platform: PlatformClient;
  readonly wish: BackboneWish;
  readonly world: World;
  /** What is published now. Take it before the platform is stopped. */
  policy(): Promise<readonly PolicyEntry[]>;
  has(step: BackboneStep): boolean;
  remember(step: BackboneStep): void;
  /** Tells once of a child that ended though nobody asked it to. */
  onExit(listener: (error: TrucError) => void): void;
  /** Stops everything but PostgreSQL: agents, then those who read what they wrote, then what all of them need. */
  stopApps(): Promise<void>;
  stop(): Promise<void>;
}

const defaultResidents = 100_000;
const defaultSeed = 7;
/** An administrator's token is made at every start, so it need not outlive a long demonstration. */
const tokenSeconds = 30 * 24 * 60 * 60;
const serverDirectories = ['postgres', 'postgres-source', 'kafka'];
const sourceServerName = 'source PostgreSQL';
const stopOrder = [
  ['agent-g01', 'agent-g12'],
  ['distributor', 'general-database'],
  ['schema-registry'],
  ['broker-access'],
  ['platform'],
  ['Kafka'],
] as const;

/**
 * Starts the whole backbone as child processes, and makes its databases, principals, dictionary, datasets, sources and contract where they are not there yet.
 * @throws TrucError with one sentence that says what to do; nothing that was started is left running
 */
export async function startBackbone(options: BackboneOptions = {}): Promise<Backbone> {
  const directory = options.directory ?? join(checkoutRoot, '.truc', 'backbone');
  if (options.fresh === true) removeBackbone(directory);
  mkdirSync(directory, { recursive: true });
  const lock = DirectoryLock.acquire(directory, 'truc up');
  const running = new RunningProcesses(options.signal);
  const stop = async (): Promise<void> => {
    await running.stop([...stopOrder, ['PostgreSQL', sourceServerName]]);
    lock.release();
  };
  try {
    return await start(directory, options, running, stop);
  } catch (error) {
    await stop();
    // A signal that came while a program was waited for without a turn (initdb) is told of in the next one.
    await nextTurn();
    throw options.signal?.aborted ? new TrucError('BACKBONE_STOPPED', 'the start was given up; the next one carries on from here') : error;
  }
}

/** Deletes all data of a backbone that is not running. @throws TrucError STACK_DIRECTORY_IN_USE */
export function removeBackbone(directory: string): void {
  if (!existsSync(directory)) return;
  const lock = DirectoryLock.acquire(directory, 'the removal of its data');
  try {
    for (const server of serverDirectories) removeServerDirectory(join(directory, server));
    rmSync(directory, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

async function start(directory: string, options: BackboneOptions, running: RunningProcesses, stop: () => Promise<void>): Promise<Backbone> {
  const { ports = portsFrom(defaultPortBase), progress = () => undefined, signal = new AbortController().signal, referenceDir } = options;
  const apps = withNeeds(options.only ?? backboneApps);
  const facts = BackboneFacts.open(
    directory,
    { residents: defaultResidents, seed: defaultSeed, division: referenceDir === undefined ? 'invented' : 'reference' },
    { residents: options.residents ?? null, seed: options.seed ?? null },
  );
  const world = worldOf(facts.wish, referenceDir);
  const secrets = new SecretsDirectory(join(directory, 'secrets'));
  findJava(process.env);
  if (!facts.has('sources')) await checkRoom(directory, world.residents);
  const isSingle = options.only !== undefined;
  const portSetting = portSettingOf(isSingle);
  await checkPorts(ports, apps, isSingle);

  progress('starting PostgreSQL and Kafka');
  const [postgres, kafka] = await both(
    running.start('PostgreSQL', (signal) =>
      startPostgres({ directory: join(directory, 'postgres'), port: ports.postgres, portSetting, progress, signal }),
    ),
    running.start('Kafka', (signal) =>
      startKafka({
        ...options.kafka,
        directory: join(directory, 'kafka'),
        port: ports.kafka,
        portSetting,
        progress,
        signal,
        ...kafkaLine(options.seams),
      }),
    ),
  );
  const sourceServer = options.sourceServer === undefined ? postgres : await startSourceServer(directory, options.sourceServer, running);
  signal.throwIfAborted();
  const servers: DemoServers = { postgresUrl: postgres.url, sourcesUrl: sourceServer.url };
  const databases = demoDatabaseUrls(servers, secrets);
  if (!facts.has('databases')) {
    await createDemoDatabases(servers, secrets);
    facts.add('databases');
  }
  const loading = apps.has('agent-g01') || apps.has('agent-g12') ? loadOnce(facts, world, servers, databases, progress) : Promise.resolve();
  loading.catch(() => undefined);

  const files = writeAppConfigurations(join(directory, 'config'), {
    ports,
    postgresUrl: postgres.url,
    sourcesUrl: atPort(sourceServer.url, options.seams?.sourcesPort),
    kafka: options.seams?.kafka === undefined ? kafka : { ...kafka, brokers: [`127.0.0.1:${options.seams.kafka.advertisedPort}`] },
    kafkaLog: kafka.logFile,
    secrets,
    open: options.open ?? false,
    otlpEndpoint: options.otlpEndpoint ?? null,
  });
  const urls: Partial<Record<BackboneApp, string>> = {};
  const startApp = async (app: BackboneApp): Promise<void> => {
    if (!apps.has(app)) return;
    signal.throwIfAborted();
    const begin = (stopped: AbortSignal) => runApp(app, app, files[app], ports[app], stopped);
    urls[app] = (await running.start(app, begin)).url;
  };
  const runApp = (app: BackboneApp, label: string, configFile: string, port: number, signal: AbortSignal) => {
    const logFile = join(directory, 'logs', `${label}.log`);
    return startNodeApp({
      name: roomOf(app),
      label,
      configFile,
      port,
      portSetting,
      logFile,
      signal,
      nodeFlags: nodeFlagsOf(app),
      checkout: options.appsRoot ?? checkoutRoot,
    });
  };
  const startSecond = async (app: BackboneApp): Promise<BackboneProcess> => {
    const label = `${app}-second`;
    const port = await freePort();
    const configFile = writeSecondConfiguration(files[app], port);
    await running.start(label, (stopped) => runApp(app, label, configFile, port, stopped), app);
    return backboneProcess(running, label);
  };

  progress('starting the platform');
  await startApp('platform');
  const administratorToken = await signAdministratorToken(secrets.file(tokenKeyFile), { expiresInSeconds: tokenSeconds });
  const platform = new PlatformClient(`http://127.0.0.1:${ports.platform}`, administratorToken);
  await running.during(ensurePrincipals(platform, secrets, servicePrincipals));
  progress('starting the keeper of access and the schema registry');
  await startApp('broker-access');
  await startApp('schema-registry');
  if (!facts.has('applied')) {
    progress('applying the dictionary, the datasets, the sources and the contract');
    await running.during(applyDemo(platform, world));
    facts.add('applied');
  }
  await running.during(ensurePrincipals(platform, secrets, agentPrincipals));
  // Until the registry has read the policy it knows nobody's token, and whoever asks it is turned away.
  if (apps.has('schema-registry')) await running.during(untilSchemasRegistered(platform, 60_000, signal));
  await running.during(loading);
  if (facts.has('sources') && !facts.has('prepared')) {
    await running.during(prepareDemoSources(await platform.policy(), servers.sourcesUrl, secrets));
    facts.add('prepared');
  }
  signal.throwIfAborted();
  progress('starting agents, distributor and general database');
  await all(backboneApps.filter((app) => urls[app] === undefined).map(startApp));
  signal.throwIfAborted();
  return {
    directory,
    ports,
    urls,
    databases,
    kafka,
    get processes() {
      return running.parts;
    },
    sourceDataDirectory: sourceServer.dataDirectory,
    process: (name) => backboneProcess(running, name),
    startSecond,
    administratorToken,
    dictionaryAuthorityToken: secrets.read(tokenFile(dictionaryAuthority)),
    platform,
    wish: facts.wish,
    world,
    policy: () => platform.policy(),
    has: (step) => facts.has(step),
    remember: (step) => facts.add(step),
    onExit: (listener) => running.onExit(listener),
    stopApps: () => running.stop(stopOrder),
    stop,
  };
}

function kafkaLine(seams: BackboneSeams | undefined): { line?: KafkaLine } {
  return seams?.kafka === undefined ? {} : { line: seams.kafka };
}

function startSourceServer(
  directory: string,
  { port, settings = {} }: NonNullable<BackboneOptions['sourceServer']>,
  running: RunningProcesses,
): Promise<PostgresServer> {
  return running.start(sourceServerName, (signal) =>
    startPostgres({
      directory: join(directory, 'postgres-source'),
      name: sourceServerName,
      port,
      settings,
      portSetting: portSettingOf(false),
      signal,
    }),
  );
}

function worldOf({ seed, residents, division }: BackboneWish, referenceDir: string | undefined): World {
  if (division === 'invented') return createWorld({ seed, residents });
  if (referenceDir === undefined) {
    throw new TrucError(
      'BACKBONE_REFERENCE_MISSING',
      'this data directory was made with the real communes, and their lists are not there any more: put the reference directory back beside the checkout, or add --fresh to begin anew with invented ones',
    );
  }
  return createWorld({ seed, residents, referenceDir });
}

/** One load is one transaction for each source; a load that was cut short between the two begins anew. */
async function loadOnce(
  facts: BackboneFacts,
  world: World,
  servers: DemoServers,
  databases: DemoDatabaseUrls,
  progress: Progress,
): Promise<void> {
  if (facts.has('sources')) return;
  progress(`filling the source databases with ${world.residents.toLocaleString('en')} residents`);
  await recreateSources(servers);
  await loadSources(world, { populationUrl: databases.population, administrativeUrl: databases.administrative });
  facts.add('sources');
}

/** Waits for all of them even when one fails, so that what started is known and can be stopped; then throws the first failure. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await all([first, second]);
  return [await first, await second];
}
