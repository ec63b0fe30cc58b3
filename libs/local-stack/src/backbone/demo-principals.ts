import type { NewPrincipal, PlatformClient } from './platform-client.js';
import type { SecretsDirectory } from './secrets-directory.js';

/** The person who approves changes of the dictionary. */
export const dictionaryAuthority = 'dictionary-authority';

/** The platform's own services, and the dictionary authority; they can be made before any agency is there. */
export const servicePrincipals: readonly NewPrincipal[] = [
  { name: 'broker-access', role: 'broker-access', agency: null },
  { name: 'registry', role: 'registry', agency: null },
  { name: 'distributor', role: 'distributor', agency: null },
  { name: 'general-database', role: 'general-database', agency: null },
  // Nobody approves what they proposed themselves: the administrator of the place needs somebody beside them.
  { name: dictionaryAuthority, role: 'dictionary-authority', agency: null },
];

export const agentPrincipals: readonly NewPrincipal[] = [
  { name: 'agent.g01', role: 'agent', agency: 'G01' },
  { name: 'agent.g12', role: 'agent', agency: 'G12' },
  { name: 'agent.g12-34', role: 'agent', agency: 'G12.34' },
];

export function tokenFile(principal: string): string {
  return `${principal}.token`;
}

export function kafkaPasswordFile(principal: string): string {
  return `${principal}.kafka-password`;
}

/**
 * Makes the principals that have no secrets here yet. The platform tells secrets once: one that was made by a start that was cut short before it wrote them down is made anew.
 * @returns how many were made
 */
export async function ensurePrincipals(
  platform: PlatformClient,
  secrets: SecretsDirectory,
  principals: readonly NewPrincipal[],
): Promise<number> {
  let made = 0;
  for (const principal of principals) {
    const files = [tokenFile(principal.name), kafkaPasswordFile(principal.name)];
    if (files.every((file) => secrets.has(file))) continue;
    let credentials = await platform.createPrincipal(principal);
    if (credentials === null) {
      await platform.deletePrincipal(principal.name);
      credentials = await platform.createPrincipal(principal);
    }
    secrets.write(kafkaPasswordFile(principal.name), credentials?.kafka?.password ?? '');
    secrets.write(tokenFile(principal.name), credentials?.token ?? '');
    made += 1;
  }
  return made;
}
