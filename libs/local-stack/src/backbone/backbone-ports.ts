import { TrucError } from '@truc/kernel';
import { checkPort, freePort } from '../port.js';
import type { BackboneApp } from './backbone-app.js';

/** TCP ports of 127.0.0.1. */
export type BackbonePorts = Readonly<Record<'postgres' | 'kafka' | BackboneApp, number>>;

/** In this order after the base; one place is kept free for Kafka's controller. */
const places: readonly (keyof BackbonePorts | null)[] = [
  'postgres',
  'kafka',
  null,
  'schema-registry',
  'platform',
  'agent-g01',
  'agent-g12',
  'distributor',
  'general-database',
  'broker-access',
];

export const defaultPortBase = 4700;
/** How a person chooses other ports. @param isSingle only one app was asked for: that one's port can be chosen */
export function portSettingOf(isSingle: boolean): string {
  return isSingle ? '--port' : '--port-base';
}

/**
 * PostgreSQL listens on the port after `base`, and so on.
 * @throws TrucError BACKBONE_PORT_BASE
 */
export function portsFrom(base: number): BackbonePorts {
  if (!Number.isInteger(base) || base < 1023 || base > 65_535 - places.length) {
    throw new TrucError(
      'BACKBONE_PORT_BASE',
      `${base} cannot be the base of the ports: give a whole number from 1023 to ${65_535 - places.length}`,
    );
  }
  return Object.fromEntries(places.flatMap((name, index) => (name === null ? [] : [[name, base + 1 + index]]))) as BackbonePorts;
}

/** Ports that nothing listens on at this moment, for tests and for parts that nobody has to find. */
export async function freePorts(): Promise<BackbonePorts> {
  const names = places.filter((name) => name !== null);
  const taken = new Set<number>();
  while (taken.size < names.length) taken.add(await freePort());
  return Object.fromEntries(names.map((name, index) => [name, [...taken][index]])) as BackbonePorts;
}

/** Tells of a busy port before anything is started. @throws TrucError STACK_PORT_BUSY, STACK_PORT_REFUSED */
export async function checkPorts(ports: BackbonePorts, apps: ReadonlySet<BackboneApp>, isSingle = false): Promise<void> {
  const names = places.filter((name) => name === 'postgres' || name === 'kafka' || (name !== null && apps.has(name)));
  for (const name of names) if (name !== null) await checkPort(ports[name], name, portSettingOf(isSingle));
}
