import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { signAdministratorToken } from '@truc/coordination-store';
import { messageOf, refusePlainHttp, TrucError } from '@truc/kernel';
import { findContextFile, saveContext } from '../context-file.js';
import { exitCode, UsageError } from '../exit-code.js';
import { examples, wholeNumber } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

interface AddOptions {
  readonly platformUrl: string;
  readonly registryUrl?: string;
  readonly tokenFile?: string;
  readonly tokenKey?: string;
  readonly days: number;
  readonly caFile?: string;
  readonly onOneMachine: boolean;
}

const daySeconds = 24 * 60 * 60;

/** Below the platform's address: what a proxy in front of both hands on to the registry. */
const registryPath = '/registry';

export function contextAddCommand({ contextPlaces, output, end }: Surroundings): Command {
  return new Command('add')
    .description('name a backbone and how to come in there, and talk to it from now on')
    .argument('<name>')
    .requiredOption('--platform-url <url>', 'address of the platform', url('--platform-url'))
    .option(
      '--registry-url <url>',
      `address of the schema registry (default: ${registryPath} of the platform's address)`,
      url('--registry-url'),
    )
    .option('--token-file <file>', 'file with the token that the administrator gave you')
    .option('--token-key <file>', "the platform's own key, which makes its holder the administrator; where the platform runs")
    .option('--days <n>', 'how long a token that is made of --token-key is good', wholeNumber('--days', 1, 3650), 30)
    .option('--ca-file <file>', 'the CA that signed the certificates of both, where it is one of your own')
    .option('--on-one-machine', 'http:// goes to a network of containers on this machine, which nobody else can read', false)
    .addHelpText(
      'after',
      examples(
        'truc context add agency --platform-url https://platform.truc.example --token-file an.nguyen.token',
        'truc context add agency --platform-url https://platform.truc.example --token-file an.nguyen.token --ca-file truc-ca.pem',
        'truc context add here --platform-url http://127.0.0.1:4705 --registry-url http://127.0.0.1:4704 --token-key token-key.json',
      ),
    )
    .action(async (name: string, { platformUrl, registryUrl, tokenFile, tokenKey, days, caFile, onOneMachine }: AddOptions) => {
      if ((tokenFile === undefined) === (tokenKey === undefined)) throw new UsageError('give --token-file or --token-key, one of the two');
      const place = (file: string): string => resolve(contextPlaces.workingDirectory, file);
      const registry = registryUrl ?? `${platformUrl.replace(/\/$/, '')}${registryPath}`;
      const line = { ...(caFile === undefined ? {} : { caFile: place(caFile) }), ...(onOneMachine ? { onOneMachine } : {}) };
      refusePlainHttp(platformUrl, line, 'the platform', 'PLATFORM');
      refusePlainHttp(registry, line, 'the schema registry', 'REGISTRY');
      const token =
        tokenKey === undefined
          ? tokenOf(place(tokenFile ?? ''))
          : await signAdministratorToken(place(tokenKey), { expiresInSeconds: days * daySeconds });
      const path = findContextFile(contextPlaces);
      saveContext(path, name, { platformUrl, registryUrl: registry, token, ...line });
      output.write(`truc now talks to ${name}, as ${path} says\n`);
      end(exitCode.ok);
    });
}

/** @throws TrucError CONTEXT_TOKEN_UNREADABLE */
function tokenOf(file: string): string {
  const code = 'CONTEXT_TOKEN_UNREADABLE';
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new TrucError(code, `the token file ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  // Three parts of Base64url, which nothing of what else could be meant has.
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return text;
  throw new TrucError(code, `${file} holds no token: one line with three parts, as the platform told it when the principal was made`);
}

function url(option: string): (text: string) => string {
  return (text) => {
    if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
    throw new UsageError(`${option} takes an address that begins with http:// or https://, not "${text}"`);
  };
}
