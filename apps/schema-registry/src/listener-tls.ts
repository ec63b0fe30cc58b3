import type { Server } from 'node:https';
import { createSecureContext, type Server as TlsServer } from 'node:tls';
import { messageOf, reveal, secret, TrucError } from '@truc/kernel';
import type { Logger } from '@truc/telemetry';
import { z } from 'zod';

/** TLS on the registry's own port. What is named is PEM, and is looked up again at each connection: certificates are renewed without a restart. */
export const listenerTls = z
  .strictObject({
    /** The registry's own, followed by those between it and its authority. */
    certificate: secret,
    key: secret,
    /** Whoever shows a certificate of one of these authorities is the principal of its common name. Null: clients are not asked for one. */
    clientCa: secret.nullable().default(null),
    /** `asked`: who shows none needs a token. `required`: who shows none is not even heard, by health checks included. */
    clientCertificate: z.enum(['asked', 'required']).default('asked'),
  })
  .refine(({ clientCa, clientCertificate }) => clientCa !== null || clientCertificate === 'asked', {
    path: ['clientCa'],
    message: 'a certificate is required of clients, so name the authority that it has to be of',
  });

export type ListenerTls = z.infer<typeof listenerTls>;

interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** @throws TrucError REGISTRY_TLS_UNUSABLE */
export function httpsOptions(tls: ListenerTls): TlsFiles & { readonly requestCert: boolean; readonly rejectUnauthorized: boolean } {
  const files = filesOf(tls);
  try {
    createSecureContext(files);
  } catch (cause) {
    throw unusable(cause);
  }
  // Who shows a certificate that is not trusted is told so by the registry, in words, where none is required.
  return { ...files, requestCert: tls.clientCa !== null, rejectUnauthorized: tls.clientCertificate === 'required' };
}

/** Lets a server take its certificate, key and authorities as they are when somebody connects. Those that cannot be used leave the ones before in place, and a line in the log. */
export function lookUpAtEachConnection(server: Server, tls: ListenerTls, log: Logger): void {
  let used = filesOf(tls);
  (server as TlsServer).prependListener('connection', () => {
    const now = filesOf(tls);
    if (now.cert === used.cert && now.key === used.key && now.ca === used.ca) return;
    const before = used;
    used = now;
    try {
      (server as TlsServer).setSecureContext(now);
      // Who was trusted for an authority that was taken away is to be asked again.
      if (now.ca !== before.ca) server.closeAllConnections();
      log.info('the certificate of this registry, or the authority of its clients, was changed');
    } catch (cause) {
      log.error({ reason: unusable(cause).message }, 'the changed certificate is not used');
    }
  });
}

function filesOf({ certificate, key, clientCa }: ListenerTls): TlsFiles {
  return { cert: reveal(certificate), key: reveal(key), ...(clientCa === null ? {} : { ca: reveal(clientCa) }) };
}

function unusable(cause: unknown): TrucError {
  return new TrucError(
    'REGISTRY_TLS_UNUSABLE',
    `tls of the registry cannot be used: certificate, key and clientCa are files with PEM, and the key is that of the certificate (${messageOf(cause)})`,
    { cause },
  );
}
