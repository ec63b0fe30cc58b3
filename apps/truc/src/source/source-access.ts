import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfiguration, messageOf, reveal, secretText, TrucError } from '@truc/kernel';
import { parseAddress } from '@truc/source-survey';
import { z } from 'zod';
import { UsageError } from '../exit-code.js';

/** How a command comes to a database: by its URL, or by the configuration of the agent that captures it. */
export interface AccessOptions {
  readonly url?: string;
  readonly urlFile?: string;
  readonly config?: string;
  readonly source?: string;
  readonly role?: string;
  readonly slot?: string;
  readonly publication?: string;
}

export interface SourceAccess {
  readonly url: string;
  /** `host:port/database`, for people. */
  readonly shown: string;
  /** Who captures; null where the role that the URL names does. */
  readonly role: string | null;
  readonly slot: string;
  readonly publication: string;
}

/** Of the configuration of an agency's node: which databases it captures, and how. */
const nodeConfiguration = z.looseObject({
  seats: z
    .array(
      z.looseObject({
        agency: z.string(),
        sources: z
          .record(z.string(), z.looseObject({ url: secretText, slot: z.string().min(1), publication: z.string().min(1) }))
          .default({}),
      }),
    )
    .min(1),
});

export const roleDefault = 'truc_capture';

/**
 * @param database as the documents name it, for the names of slot and publication; null where no documents do
 * @throws UsageError, TrucError SOURCE_URL_UNREADABLE, SOURCE_UNKNOWN, SURVEY_URL_INVALID, CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID
 */
export function sourceAccess(
  options: AccessOptions,
  database: string | null,
  workingDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
): SourceAccess {
  const given = [options.url, options.urlFile, options.config].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new UsageError('say which database with one of --url <url>, --url-file <file> (its first line) or --config <file> of the agent');
  const named = options.config === undefined ? null : captured(options.config, options.source, workingDirectory, environment);
  const url = named?.url ?? options.url ?? urlIn(options.urlFile ?? '', workingDirectory);
  const address = parseAddress(url);
  const name = `truc_${objectName(database ?? address.database)}`;
  return {
    url,
    shown: `${address.host}:${address.port}/${address.database}`,
    role: options.role ?? (named === null ? roleDefault : null),
    slot: options.slot ?? named?.slot ?? name,
    publication: options.publication ?? named?.publication ?? name,
  };
}

/** What a slot may be called. */
function objectName(database: string): string {
  return database
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '_')
    .slice(0, 58);
}

function urlIn(file: string, workingDirectory: string): string {
  try {
    return readFileSync(resolve(workingDirectory, file), 'utf8').split('\n', 1)[0]?.trim() ?? '';
  } catch (cause) {
    throw new TrucError('SOURCE_URL_UNREADABLE', `the file ${file} with the URL of the database cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function captured(
  file: string,
  source: string | undefined,
  workingDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
): { url: string; slot: string; publication: string } {
  const { seats } = loadConfiguration(nodeConfiguration, resolve(workingDirectory, file), environment);
  const known = seats.flatMap(({ agency, sources }) =>
    Object.entries(sources).map(([name, one]) => ({ name: `${agency}/${name}`, short: name, one })),
  );
  const found = known.filter(({ name, short }) => source === undefined || source === name || source === short);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    const names = known.map(({ name }) => name).join(', ') || 'none';
    throw new TrucError('SOURCE_UNKNOWN', `${file} captures ${names}: name one of them with --source`);
  }
  const { url, slot, publication } = only.one;
  return { url: reveal(url), slot, publication };
}
