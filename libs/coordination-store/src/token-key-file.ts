import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { firstAdministrator, generateTokenKey, signToken } from '@truc/access';
import { messageOf, systemClock, TrucError, type Clock } from '@truc/kernel';
import { z } from 'zod';

const tokenKeyFile = z.strictObject({
  keyId: z.string().min(1),
  publicJwk: z.looseObject({ kty: z.literal('OKP') }),
  privateJwk: z.looseObject({ kty: z.literal('OKP'), d: z.string().min(1) }),
});
export type TokenKeyFile = z.infer<typeof tokenKeyFile>;

/**
 * Reads the key that signs the platform's tokens; makes it, for its owner's eyes only (0600), where there is none yet.
 * @throws TrucError PLATFORM_TOKEN_KEY
 */
export async function loadTokenKey(path: string): Promise<TokenKeyFile> {
  try {
    return read(path) ?? (await create(path));
  } catch (cause) {
    throw new TrucError('PLATFORM_TOKEN_KEY', `the token key ${path} cannot be used: ${messageOf(cause)}`, { cause });
  }
}

function read(path: string): TokenKeyFile | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return tokenKeyFile.parse(jsonOf(text));
}

/** The parser's own message would quote the key. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not valid JSON');
  }
}

/** Two who start at once end with one key: a whole file is linked into place, and only the first link succeeds. */
async function create(path: string): Promise<TokenKeyFile> {
  const key = await generateTokenKey();
  const draft = `${path}.${process.pid}.${key.keyId.slice(0, 8)}`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(draft, JSON.stringify(key, null, 2), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return tokenKeyFile.parse(jsonOf(readFileSync(path, 'utf8')));
}

/**
 * A token of the first administrator, for whoever may read the key file: this is how somebody comes in when nobody has been made yet.
 * @throws TrucError PLATFORM_TOKEN_KEY
 */
export async function signAdministratorToken(
  path: string,
  { expiresInSeconds, clock = systemClock }: { readonly expiresInSeconds: number; readonly clock?: Clock },
): Promise<string> {
  const { privateJwk } = await loadTokenKey(path);
  return signToken(privateJwk, firstAdministrator, { expiresInSeconds, clock });
}
