import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { isLoopback, messageOf, refusePlainHttp, TrucError } from '@truc/kernel';
import { registryAddress, type RegistryConnection } from '@truc/registry-client';
import type { Surroundings } from '../commands/surroundings.js';
import { currentContext, findContextFile } from '../context-file.js';
import { UsageError } from '../exit-code.js';

/** How a registry other than the context's is reached. Secrets are named, never given: what stands on a command line is read by everybody on the machine. */
export interface AccessOptions {
  readonly url: string;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly passwordEnv?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly tokenEnv?: string | undefined;
  readonly ca?: string | undefined;
  /** Whether a password may go over a line that anybody can read. */
  readonly plainText: boolean;
}

/** Adds the options of {@link AccessOptions}, as in `--from-user`. */
export function withAccessOptions(command: Command, prefix: 'from' | 'to', what: string): Command {
  return command
    .option(`--${prefix} <url>`, what)
    .option(`--${prefix}-user <name>`, 'who asks there (Basic)')
    .option(`--${prefix}-password-file <file>`, 'file with the password')
    .option(`--${prefix}-password-env <name>`, 'variable of the environment with the password')
    .option(`--${prefix}-token-file <file>`, 'file with a token (Bearer)')
    .option(`--${prefix}-token-env <name>`, 'variable of the environment with a token')
    .option(`--${prefix}-ca <file>`, 'certificates that vouch for it, as PEM')
    .option(`--${prefix}-plain-text`, 'send the password or token over http:// all the same', false);
}

/** The options as commander keeps them (`fromUser`). Null where no URL was named. @throws UsageError */
export function accessOptions(options: Readonly<Record<string, unknown>>, prefix: 'from' | 'to'): AccessOptions | null {
  const given = (name: string): string | undefined => {
    const value = options[`${prefix}${name}`];
    return typeof value === 'string' ? value : undefined;
  };
  const found = {
    user: given('User'),
    passwordFile: given('PasswordFile'),
    passwordEnv: given('PasswordEnv'),
    tokenFile: given('TokenFile'),
    tokenEnv: given('TokenEnv'),
    ca: given('Ca'),
  };
  const url = given('');
  if (url !== undefined) return { url, ...found, plainText: options[`${prefix}PlainText`] === true };
  const stray = Object.entries(found).find(([, value]) => value !== undefined);
  if (stray !== undefined) throw new UsageError(`--${prefix}-... goes with --${prefix} URL, which says where to`);
  return null;
}

/** @throws UsageError; TrucError REGISTRY_SECRET_UNREADABLE */
export function connectionOf(options: AccessOptions, prefix: 'from' | 'to', surroundings: Surroundings): RegistryConnection {
  const { url: given, user, passwordFile, passwordEnv, tokenFile, tokenEnv, ca } = options;
  const password = secretOf(passwordFile, passwordEnv, `--${prefix}-password`, surroundings);
  const token = secretOf(tokenFile, tokenEnv, `--${prefix}-token`, surroundings);
  if (password !== null && token !== null)
    throw new UsageError(`--${prefix}-password-... and --${prefix}-token-... are two ways to come in: name one`);
  if ((user === undefined) !== (password === null))
    throw new UsageError(`--${prefix}-user goes with --${prefix}-password-file or --${prefix}-password-env`);
  const credentials =
    user !== undefined && password !== null ? { principal: user, token: password } : token === null ? null : { bearer: token };
  const url = registryUrl(given, prefix);
  const { protocol, hostname } = new URL(url);
  if (credentials !== null && protocol === 'http:' && !isLoopback(hostname) && !options.plainText) {
    throw new UsageError(
      `--${prefix}: whoever listens on the line to ${hostname} would read the password; write https://, or --${prefix}-plain-text to send it all the same`,
    );
  }
  return { url, credentials, ...(ca === undefined ? {} : { ca: fileText(ca, `--${prefix}-ca`, surroundings) }) };
}

/** The registry of the context. @throws TrucError CONTEXT_MISSING, CONTEXT_UNKNOWN, CONTEXT_UNREADABLE, REGISTRY_PLAIN_TEXT, REGISTRY_CA_UNREADABLE */
export function connectionOfContext(context: string | undefined, { contextPlaces }: Surroundings): RegistryConnection {
  const { registryUrl: url, token, caFile, onOneMachine } = currentContext(findContextFile(contextPlaces), context);
  if (token !== null) refusePlainHttp(url, { onOneMachine }, 'the schema registry', 'REGISTRY');
  return { ...registryAddress(url, { caFile }), credentials: token === null ? null : { bearer: token } };
}

function registryUrl(text: string, prefix: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(`--${prefix} takes an address like https://registry.example:8081, not "${text}"`);
  }
  // The text itself may hold a password.
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      `--${prefix} takes an address without a password in it: name the user with --${prefix}-user and the password with --${prefix}-password-file`,
    );
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new UsageError(`--${prefix} takes http or https, not ${url.protocol}`);
  if (url.search !== '' || url.hash !== '') throw new UsageError(`--${prefix} takes an address alone, without "?" and "#"`);
  return url.href.replace(/\/+$/, '');
}

function secretOf(file: string | undefined, variable: string | undefined, option: string, surroundings: Surroundings): string | null {
  if (file !== undefined && variable !== undefined) throw new UsageError(`${option}-file and ${option}-env are the same secret: name one`);
  const text =
    file !== undefined
      ? fileText(file, `${option}-file`, surroundings).trim()
      : variable !== undefined
        ? surroundings.environment?.[variable]
        : null;
  if (text === null) return null;
  if (text === undefined || text === '')
    throw new TrucError(
      'REGISTRY_SECRET_UNREADABLE',
      `${option}-${file === undefined ? 'env' : 'file'} names ${file ?? variable}, which is empty or not there`,
    );
  return text;
}

/** What the system says of a file has no content of it. */
function fileText(path: string, option: string, { contextPlaces }: Surroundings): string {
  try {
    return readFileSync(resolve(contextPlaces.workingDirectory, path), 'utf8');
  } catch (cause) {
    throw new TrucError('REGISTRY_SECRET_UNREADABLE', `${option}: ${messageOf(cause)}`, { cause });
  }
}
