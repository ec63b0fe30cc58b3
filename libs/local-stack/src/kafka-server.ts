import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Admin } from '@platformatic/kafka';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import { checkoutRoot, type Progress } from './checkout.js';
import { DirectoryLock } from './directory-lock.js';
import { checkDiskSpace, lackOfSpace } from './disk-space.js';
import { findJava, type Environment } from './java-programs.js';
import { serverProperties, type KafkaLine } from './kafka-configuration.js';
import { freshSecret, keptSecret } from './kept-secret.js';
import { reasonOf } from './log-file.js';
import { mavenJars, type PinnedJars } from './maven-jars.js';
import { checkPort, freePort } from './port.js';
import { StackProcess } from './stack-process.js';
import { endStrayProcess } from './stray-process.js';

const NEEDED_BYTES = 512 * 1024 * 1024;
const SUPER_USER = 'platform';
const KAFKA: PinnedJars = {
  name: 'Kafka',
  pom: fileURLToPath(new URL('../kafka/pom.xml', import.meta.url)),
  artifact: 'kafka_2.13',
  sizeMebibytes: 45,
};

export interface KafkaOptions {
  /** Holds lock, log, passwords, configuration and data. */
  readonly directory: string;
  /** Default: any free one. */
  readonly port?: number;
  /** How a person chooses another port, for the message when it is taken. */
  readonly portSetting?: string;
  /** Where Kafka's jars are kept; shared by all servers. Default: `.truc` of the checkout. */
  readonly cacheDirectory?: string;
  /** Where java and mvn are looked for. Default: this process's own. */
  readonly environment?: Environment;
  /** Default 512. */
  readonly heapMebibytes?: number;
  /** Over the flags for a fast start; a bench that wants the JVM's best compiler gives `['-XX:TieredStopAtLevel=4']`. */
  readonly jvmFlags?: readonly string[];
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Default: there is no second door. */
  readonly line?: KafkaLine;
  readonly readyTimeoutMs?: number;
  readonly progress?: Progress;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
}

export interface KafkaServer {
  readonly port: number;
  readonly pid: number;
  readonly brokers: readonly string[];
  /** The super user. Everybody else needs a SCRAM credential and ACLs, which this one may make. */
  readonly username: string;
  readonly password: string;
  readonly mechanism: 'SCRAM-SHA-512';
  readonly dataDirectory: string;
  /** What the broker tells, among it (`kafka.authorizer.logger`) every request that it refused. */
  readonly logFile: string;
  readonly process: StackProcess;
  stop(): Promise<void>;
}

interface Passwords {
  readonly platform: string;
  readonly controller: string;
}

function passwords(file: string): Passwords {
  return JSON.parse(keptSecret(file, () => JSON.stringify({ platform: freshSecret(), controller: freshSecret() }))) as Passwords;
}

/** Writes the cluster's first metadata, the super user among it. The marker is written last: an interrupted attempt is made again from nothing. */
async function formatOnce(
  java: readonly string[],
  { directory, environment = process.env, signal }: KafkaOptions,
  dataDirectory: string,
  propertiesFile: string,
  password: string,
): Promise<void> {
  const marker = join(directory, 'formatted');
  if (existsSync(marker)) return;
  rmSync(dataDirectory, { recursive: true, force: true });
  mkdirSync(dataDirectory, { recursive: true });
  // A file and not arguments: everybody on the machine can read the arguments of a process.
  const argumentsFile = join(directory, 'format.arguments');
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const lines = [
    'format',
    '--cluster-id',
    clusterId,
    '--config',
    propertiesFile,
    '--add-scram',
    `SCRAM-SHA-512=[name=${SUPER_USER},password=${password}]`,
  ];
  writeFileSync(argumentsFile, lines.join('\n'), { mode: 0o600 });
  const [command = 'java', ...flags] = java;
  const args = [...flags, 'kafka.tools.StorageTool', `@${argumentsFile}`];
  const { code, output } = await runToItsEnd({ command, args, environment, signal }).finally(() => rmSync(argumentsFile, { force: true }));
  if (code !== 0) {
    const lack = lackOfSpace(directory);
    const cure = lack === null ? 'mend that and start again, or choose another data directory' : `${lack}; make room there and start again`;
    throw new TrucError('STACK_KAFKA_FORMAT', `Kafka cannot format ${dataDirectory} (${reasonOf(output)}): ${cure}`);
  }
  writeFileSync(marker, clusterId);
}

/** Asks the broker itself, with the real password. */
async function answers(broker: string, password: string): Promise<boolean> {
  const admin = new Admin({
    clientId: 'local-stack',
    bootstrapBrokers: [broker],
    sasl: { mechanism: 'SCRAM-SHA-512', username: SUPER_USER, password },
    connectTimeout: 2_000,
    retries: 0,
  });
  try {
    return (await admin.metadata({ topics: [] })).brokers.size === 1;
  } finally {
    await admin.close().catch(() => undefined);
  }
}

/**
 * Starts one Kafka node on 127.0.0.1. Clients authenticate by SCRAM-SHA-512; without an ACL they may do nothing. A second start on the same directory finds topics, users and ACLs of the first.
 * @throws TrucError STACK_JAVA_MISSING, STACK_MAVEN_MISSING, STACK_MAVEN_FAILED, STACK_PORT_BUSY, STACK_DISK_FULL, STACK_DIRECTORY_IN_USE, STACK_KAFKA_FORMAT, STACK_CHILD_EXITED, STACK_CHILD_NOT_READY
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const { directory, environment = process.env, progress = () => undefined } = options;
  const lock = DirectoryLock.acquire(directory, 'Kafka');
  try {
    const command = findJava(environment);
    const jars = await mavenJars(KAFKA, options.cacheDirectory ?? join(checkoutRoot, '.truc'), environment, progress, options.signal);
    const dataDirectory = join(directory, 'data');
    const propertiesFile = join(directory, 'server.properties');
    const pidFile = join(directory, 'kafka.pid');
    const logFile = join(directory, 'kafka.log');
    await endStrayProcess(pidFile, propertiesFile, 'SIGTERM');
    await checkDiskSpace(directory, 'Kafka', NEEDED_BYTES);
    const port = options.port ?? (await freePort());
    await checkPort(port, 'Kafka', options.portSetting);
    if (options.line !== undefined) await checkPort(options.line.port, 'Kafka', options.portSetting);
    const { platform: password, controller } = passwords(join(directory, 'kafka.passwords.json'));
    const configuration = {
      port,
      controllerPort: await freePort(),
      dataDirectory,
      username: SUPER_USER,
      password,
      line: options.line ?? null,
    };
    const properties = serverProperties({ ...configuration, controllerPassword: controller, settings: options.settings ?? {} });
    writeFileSync(propertiesFile, properties, { mode: 0o600 });
    const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-cp', join(jars, '*')];
    await formatOnce([command, ...jvm], options, dataDirectory, propertiesFile, password);
    const broker = `127.0.0.1:${port}`;
    const child = await StackProcess.start({
      name: 'Kafka',
      command,
      args: [
        ...[`-Xmx${options.heapMebibytes ?? 512}m`, '-Djava.awt.headless=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
        // Whom the broker refused what: its audit, for whoever follows the log.
        '-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger=info',
        ...[...jvm, ...(options.jvmFlags ?? []), 'kafka.Kafka', propertiesFile],
      ],
      environment,
      logFile,
      pidFile,
      isReady: () => answers(broker, password),
      readyTimeoutMs: options.readyTimeoutMs ?? 90_000,
      signal: options.signal,
      stopSteps: [{ signal: 'SIGTERM', waitMs: 15_000 }],
    });
    child.once('exit', () => lock.release());
    const stop = async () => void (await child.stop());
    return {
      port,
      pid: child.pid,
      brokers: [broker],
      username: SUPER_USER,
      password,
      mechanism: 'SCRAM-SHA-512',
      dataDirectory,
      logFile,
      process: child,
      stop,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
