import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TrucError } from '@truc/kernel';
import { runToItsEnd } from './awaited-program.js';
import type { Progress } from './checkout.js';
import { fetchedFolder } from './fetched-folder.js';
import { findMaven, type Environment } from './java-programs.js';
import { reasonOf } from './log-file.js';

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

/**
 * The folder with the jars, fetched once into `cacheDirectory`.
 * @throws TrucError STACK_POM, STACK_MAVEN_MISSING, STACK_MAVEN_FAILED, STACK_DISK_FULL; the signal's reason
 */
export function mavenJars(
  jars: PinnedJars,
  cacheDirectory: string,
  environment: Environment,
  progress: Progress,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const { version, digest } = readPom(jars);
  const { name, sizeMebibytes } = jars;
  // The jars, the same again in Maven's own cache, and room to breathe.
  const folder = {
    name: `${name.toLowerCase()}-${version}`,
    cacheDirectory,
    digest,
    what: `the fetch of ${name}`,
    neededMebibytes: 3 * sizeMebibytes,
  };
  return fetchedFolder(folder, async (draft) => {
    const maven = findMaven(environment, name);
    progress(`fetching ${name} ${version} with Maven (${sizeMebibytes} MB, the first time only)`);
    await copyDependencies(maven, jars, draft, environment, signal);
  });
}
