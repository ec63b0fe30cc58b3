import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';

const JAVA_RELEASE = 17;

export type Environment = Readonly<Record<string, string | undefined>>;

/** `openjdk version "17.0.15" 2025-04-15` is release 17. */
export function javaRelease(versionOutput: string): number | null {
  const release = /version "(\d+)/.exec(versionOutput)?.[1];
  return release === undefined ? null : Number(release);
}

/**
 * The java to run: of JAVA_HOME where it is set, else of PATH.
 * @throws TrucError STACK_JAVA_MISSING, also when it is too old
 */
export function findJava(environment: Environment): string {
  const command = environment.JAVA_HOME ? join(environment.JAVA_HOME, 'bin', 'java') : 'java';
  const { status, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8', env: environment as NodeJS.ProcessEnv });
  const advice = `install Java ${JAVA_RELEASE} or later (Debian: apt install openjdk-${JAVA_RELEASE}-jre-headless) and put it on PATH or set JAVA_HOME`;
  if (status !== 0) throw new TrucError('STACK_JAVA_MISSING', `Kafka needs Java, and "${command}" does not run: ${advice}`);
  const release = javaRelease(stderr);
  if (release === null || release < JAVA_RELEASE) {
    throw new TrucError(
      'STACK_JAVA_MISSING',
      `Kafka needs Java ${JAVA_RELEASE}, and "${command}" is Java ${release ?? 'of an unknown version'}: ${advice}`,
    );
  }
  return command;
}

/** @param what is to be fetched with it, for the message @throws TrucError STACK_MAVEN_MISSING */
export function findMaven(environment: Environment, what = 'Kafka'): string {
  const { status } = spawnSync('mvn', ['--version'], { encoding: 'utf8', env: environment as NodeJS.ProcessEnv });
  if (status === 0) return 'mvn';
  throw new TrucError(
    'STACK_MAVEN_MISSING',
    `${what} is fetched with Maven the first time, and "mvn" does not run: install Maven (Debian: apt install maven) and put it on PATH`,
  );
}
