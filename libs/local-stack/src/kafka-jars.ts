import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import type { Progress } from './checkout.js';
import { checkDiskSpace } from './disk-space.js';
import { findMaven, type Environment } from './java-programs.js';
import { reasonOf } from './log-file.js';
import { isAlive } from './process-identity.js';

const POM = fileURLToPath(new URL('../kafka/pom.xml', import.meta.url));
/** The jars, and the same again in Maven's own cache. */
const NEEDED_BYTES = 128 * 1024 * 1024;

/** The pom is the one place where the version is pinned. */
function readPom(): { version: string; digest: string } {
  const pom = readFileSync(POM, 'utf8');
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(pom)?.[1];
  if (version === undefined) throw new TrucError('STACK_KAFKA_POM', `${POM} names no version of kafka_2.13`);
  return { version, digest: createHash('sha256').update(pom).digest('hex') };
}

function isComplete(directory: string, digest: string): boolean {
  try {
    return readFileSync(join(directory, 'complete'), 'utf8') === digest;
  } catch {
    return false;
  }
}

/** Two starts may fetch at the same time. The one who comes second leaves the folder alone, because a broker may already run from it. */
function moveIntoPlace(draft: string, directory: string, digest: string): void {
  if (isComplete(directory, digest)) return;
  const outdated = `${draft}.outdated`;
  if (existsSync(directory)) renameSync(directory, outdated);
  try {
    renameSync(draft, directory);
  } catch (error) {
    if (!isComplete(directory, digest)) throw error;
  } finally {
    rmSync(outdated, { recursive: true, force: true });
  }
}

async function copyDependencies(maven: string, target: string, environment: Environment, signal: AbortSignal): Promise<void> {
  const args = ['-q', '-B', '-ntp', '-f', POM, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
  const { code, output } = await runToItsEnd({ command: maven, args, environment, signal });
  if (code === 0) return;
  const cure = /no space left|disk quota/i.test(output)
    ? `make room on the disk of ${target}`
    : 'check the network, or the mirror in ~/.m2/settings.xml,';
  throw new TrucError('STACK_MAVEN_FAILED', `Maven could not fetch Kafka: ${cure} and start again (${reasonOf(output)})`, { retry: true });
}

/** Half-fetched folders of processes that were killed. */
function removeLeftDrafts(cacheDirectory: string, prefix: string): void {
  const names = existsSync(cacheDirectory) ? readdirSync(cacheDirectory) : [];
  for (const name of names) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('.')[0]) : Number.NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(cacheDirectory, name), { recursive: true, force: true });
  }
}

/**
 * The folder with Kafka's jars, fetched once into `cacheDirectory`.
 * @throws TrucError STACK_MAVEN_MISSING, STACK_MAVEN_FAILED, STACK_DISK_FULL; the signal's reason
 */
export async function kafkaJars(
  cacheDirectory: string,
  environment: Environment,
  progress: Progress,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const { version, digest } = readPom();
  const directory = join(cacheDirectory, `kafka-${version}`);
  if (isComplete(directory, digest)) return directory;
  const maven = findMaven(environment);
  progress(`fetching Kafka ${version} with Maven (45 MB, the first time only)`);
  removeLeftDrafts(cacheDirectory, `kafka-${version}.`);
  const draft = `${directory}.${process.pid}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  try {
    await checkDiskSpace(draft, 'the fetch of Kafka', NEEDED_BYTES);
    await copyDependencies(maven, draft, environment, signal);
    writeFileSync(join(draft, 'complete'), digest);
    moveIntoPlace(draft, directory, digest);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return directory;
}
