import { platformItself, signToken } from '@truc/access';
import type { TokenKeyFile } from '@truc/coordination-store';
import { systemClock, type Clock } from '@truc/kernel';
import { RegistryClient, type RegistryConnection } from '@truc/registry-client';
import type { SchemaRegistrar } from './schema-registration.js';

const tokenSeconds = 60 * 60;

/** The registry as the platform's own principal sees it: the platform signs itself a short token, and a new one at half of its time. */
export function registrarOf(
  address: Pick<RegistryConnection, 'url' | 'ca'> | null,
  { privateJwk }: TokenKeyFile,
  clock: Clock = systemClock,
): SchemaRegistrar | null {
  if (address === null) return null;
  let token = '';
  let renewAtMs = 0;
  const client = new RegistryClient({ ...address, credentials: { principal: platformItself.name, token: () => token } });
  return {
    async register(subject, schema) {
      if (clock.now() >= renewAtMs) {
        token = await signToken(privateJwk, platformItself, { expiresInSeconds: tokenSeconds, clock });
        renewAtMs = clock.now() + (tokenSeconds * 1000) / 2;
      }
      return client.register(subject, schema);
    },
  };
}
