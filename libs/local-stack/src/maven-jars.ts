import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import type { Progress } from './checkout.js';
import { checkDiskSpace } from './disk-space.js';
import { findMaven, type Environment } from './java-programs.js';
import { reasonOf } from './log-file.js';
import { isAlive } from './process-identity.js';

const MEBIBYTE = 1024 * 1024;

/** A Java program and all that it needs, as a pom names them. */
export interface PinnedJars {
  /** What a person calls it: `Kafka`. */
  readonly name: string;
  /** Path of the pom: the one place where versions are pinned. */
  readonly pom: string;
  /** Artifact whose version stands for all of it: `kafka_2.13`. */
  readonly artifact: string;
  readonly sizeMebibytes: number;
}

function readPom({ pom, artifact }: PinnedJars): { version: string; digest: string } {
  const text = readFileSync(pom, 'utf8');
  const [, behind = ''] = text.split(`<artifactId>${artifact}</artifactId>`);
  const version = /^\s*<version>([^<]+)</.exec(behind)?.[1];
  if (version === undefined) throw new TrucError('STACK_POM', `${pom} names no version of ${artifact}`);
  return { version, digest: createHash('sha256').update(text).digest('hex') };
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

async function copyDependencies(
  maven: string,
  { name, pom }: PinnedJars,
  target: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const args = ['-q', '-B', '-ntp', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
  const { code, output } = await runToItsEnd({ command: maven, args, environment, signal });
  if (code === 0) return;
  const cure = /no space left|disk quota/i.test(output)
    ? `make room on the disk of ${target}`
    : 'check the network, or the mirror in ~/.m2/settings.xml,';
  throw new TrucError('STACK_MAVEN_FAILED', `Maven could not fetch ${name}: ${cure} and start again (${reasonOf(output)})`, {
    retry: true,
  });
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
 * The folder with the jars, fetched once into `cacheDirectory`.
 * @throws TrucError STACK_POM, STACK_MAVEN_MISSING, STACK_MAVEN_FAILED, STACK_DISK_FULL; the signal's reason
 */
export async function mavenJars(
  jars: PinnedJars,
  cacheDirectory: string,
  environment: Environment,
  progress: Progress,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const { version, digest } = readPom(jars);
  const { name, sizeMebibytes } = jars;
  const folder = `${name.toLowerCase()}-${version}`;
  const directory = join(cacheDirectory, folder);
  if (isComplete(directory, digest)) return directory;
  const maven = findMaven(environment, name);
  progress(`fetching ${name} ${version} with Maven (${sizeMebibytes} MB, the first time only)`);
  removeLeftDrafts(cacheDirectory, `${folder}.`);
  const draft = `${directory}.${process.pid}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  try {
    // The jars, the same again in Maven's own cache, and room to breathe.
    await checkDiskSpace(draft, `the fetch of ${name}`, 3 * sizeMebibytes * MEBIBYTE);
    await copyDependencies(maven, jars, draft, environment, signal);
    writeFileSync(join(draft, 'complete'), digest);
    moveIntoPlace(draft, directory, digest);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return directory;
}
