import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ShownCertificate } from '@truc/access';

/** A connection shows one certificate, once. */
const shown = new WeakMap<TLSSocket, { readonly certificate: ShownCertificate | null }>();

/** The certificate that the client of a connection showed; null where it showed none, or the line is not TLS. */
export function shownCertificate(socket: Socket): ShownCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  let known = shown.get(socket);
  if (known === undefined) {
    known = { certificate: read(socket) };
    shown.set(socket, known);
  }
  return known.certificate;
}

function read(socket: TLSSocket): ShownCertificate | null {
  const certificate = socket.getPeerCertificate();
  // Null once the connection has ended, empty where nothing was shown: a resumed session is called authorised without any.
  if (!certificate?.raw) return null;
  const { subject, valid_from: from, valid_to: to } = certificate;
  const name: unknown = subject?.CN;
  return {
    commonName: typeof name === 'string' ? name : null,
    isTrusted: socket.authorized,
    validFromSeconds: Date.parse(from) / 1_000,
    validToSeconds: Date.parse(to) / 1_000,
  };
}
