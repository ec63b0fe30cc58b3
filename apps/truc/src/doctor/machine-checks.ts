import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@truc/kernel';
import { answersOn, checkPort, checkoutRoot, findJava, type BackbonePorts, type Environment } from '@truc/local-stack';
import { ok, skipped, wrong, type Diagnosis } from './diagnosis.js';

/** The oldest Node that the bootstrap runs on; all else runs under the locked one. */
const nodeReleaseMin = 20;

export function nodeCheck(version: string): Diagnosis {
  const release = Number(/^v?(\d+)/.exec(version)?.[1] ?? 0);
  if (release >= nodeReleaseMin) return ok('node', `Node ${version}`);
  return wrong('node', `Node ${version} is too old: ${nodeReleaseMin} or later is needed`, 'npm ci && npx truc doctor');
}

/** Only who starts a backbone of their own needs Java: a checkout can, an archive cannot. */
export function javaCheck(environment: Environment, root = checkoutRoot): Diagnosis {
  if (!existsSync(join(root, 'tools', 'run.mjs'))) return skipped('java', 'nothing here needs it');
  try {
    return ok('java', `${findJava(environment)} runs`);
  } catch (error) {
    return wrong('java', messageOf(error), 'apt install openjdk-17-jre-headless');
  }
}

/** Whether `truc up` would find its ports; for a machine where it does not run. */
export async function portsCheck(ports: BackbonePorts): Promise<Diagnosis> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    const isFree = await checkPort(port, name).then(
      () => true,
      () => false,
    );
    if (!isFree || (await answersOn(port, 200))) taken.push(`${port} (${name})`);
  }
  const [first] = taken;
  if (first === undefined) return ok('ports', `${Math.min(...Object.values(ports))} to ${Math.max(...Object.values(ports))} are free`);
  return wrong(
    'ports',
    `taken by something else: ${taken.join(', ')}`,
    `lsof -i :${Number.parseInt(first, 10)}   # or start elsewhere: npx truc up --port-base 5700`,
  );
}
