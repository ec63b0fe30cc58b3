import { types } from 'node:util';
import { TrucError } from '@truc/kernel';
import { sentenceOf } from '../failure.js';

/** What one look found. `skipped` where it could not be looked at, or where it is no business of this place. */
export type Diagnosis =
  | { readonly check: string; readonly state: 'ok'; readonly what: string }
  | { readonly check: string; readonly state: 'skipped'; readonly what: string }
  | {
      readonly check: string;
      readonly state: 'wrong';
      readonly what: string;
      /** The command that mends it, or the first step to it. */ readonly mend: string;
    };

export const ok = (check: string, what: string): Diagnosis => ({ check, state: 'ok', what });
export const skipped = (check: string, what: string): Diagnosis => ({ check, state: 'skipped', what });
export const wrong = (check: string, what: string, mend: string): Diagnosis => ({ check, state: 'wrong', what, mend });

/** Codes that OpenSSL and Node give to a certificate or a TLS handshake that did not go well. */
const tlsCode =
  /_TLS_|^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|HOSTNAME_MISMATCH$)/;

/** Every code in the tree of causes, ours and the system's, outermost first. */
export function codesOf(error: unknown, depth = 0): string[] {
  if (!types.isNativeError(error) || depth > 8) return [];
  const { code, errors = [], cause } = error as Error & { code?: unknown; errors?: readonly unknown[] };
  const inner = [...(Array.isArray(errors) ? errors : []), cause].flatMap((each) => codesOf(each, depth + 1));
  return typeof code === 'string' ? [code, ...inner] : inner;
}

/** Why a service at `address` cannot be used, and the command that shows or mends it. @param mends by code of ours, over those for the network */
export function connectionFault(
  check: string,
  { host, port }: { readonly host: string; readonly port: number },
  error: unknown,
  mends: Readonly<Record<string, string>> = {},
): Diagnosis {
  const codes = codesOf(error);
  const told = error instanceof TrucError ? error.message : sentenceOf(error);
  const known = codes.find((code) => code in mends);
  if (known !== undefined) return wrong(check, told, mends[known] ?? '');
  const place = `${host}:${port}`;
  if (codes.some((code) => tlsCode.test(code)))
    return wrong(
      check,
      error instanceof TrucError ? told : `TLS with ${place} fails (${codes.find((code) => tlsCode.test(code))})`,
      `openssl s_client -connect ${place} -servername ${host}`,
    );
  if (codes.some((code) => code === 'ENOTFOUND' || code === 'EAI_AGAIN'))
    return wrong(check, `nobody knows the host ${host}`, `getent hosts ${host}`);
  return wrong(check, told, `nc -vz ${host} ${port}`);
}

/** Host and port of an address; those of the scheme where it names none. */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(address);
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}
