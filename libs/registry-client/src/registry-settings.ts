import { readFileSync } from 'node:fs';
import { httpLine, messageOf, refusePlainHttp, reveal, secretText, TrucError, type HttpLine } from '@truc/kernel';
import { z } from 'zod';
import type { RegistryConnection } from './registry-http.js';

/** How a service reaches the registry and who it is there: part of its configuration. */
export const registrySettings = z
  .strictObject({ url: z.url(), principal: z.string().min(1), token: secretText, ...httpLine })
  .superRefine((settings, context) => {
    try {
      refusePlainHttp(settings.url, settings, 'the schema registry', 'REGISTRY');
    } catch (error) {
      context.addIssue({ code: 'custom', path: ['url'], message: messageOf(error) });
    }
  });
export type RegistrySettings = z.infer<typeof registrySettings>;

/** The token is looked up at each request; the file of the CA is read now. @throws TrucError REGISTRY_CA_UNREADABLE */
export function registryConnection({ url, principal, token, caFile }: RegistrySettings): RegistryConnection {
  return { ...registryAddress(url, { caFile }), credentials: { principal, token: () => reveal(token) } };
}

/** @throws TrucError REGISTRY_CA_UNREADABLE */
export function registryAddress(url: string, { caFile }: HttpLine): Pick<RegistryConnection, 'url' | 'ca'> {
  return caFile === undefined ? { url } : { url, ca: caOf(caFile) };
}

function caOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TrucError(
      'REGISTRY_CA_UNREADABLE',
      `the file ${path} with the CA of the schema registry cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  }
}
