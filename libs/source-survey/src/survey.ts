import { readDiskFacts, type DiskFacts } from './disk-facts.js';
import { readPublicationFacts, type PublicationFacts } from './publication-facts.js';
import { readEverybodyFacts, readRoleFacts, type EverybodyFacts, type RoleFacts } from './role-facts.js';
import { readServerFacts, type ServerFacts } from './server-facts.js';
import { withSurveySession, type SessionOptions, type SurveySession } from './survey-session.js';
import type { TableFacts } from './table-facts.js';
import { readTableFacts } from './table-query.js';

export interface SurveyOptions extends SessionOptions {
  /** Who captures; null where the role that is connected does. */
  readonly role: string | null;
  readonly publication: string;
  /** By name, `schema.table`; null for every table. */
  readonly tables: readonly string[] | null;
  /** Only this schema; null for all. */
  readonly schema?: string | null;
  /** What somebody knows of the room on the server's disk. */
  readonly freeDiskBytes?: number | null;
}

/** A database at one moment, by its catalogues alone. */
export interface DatabaseSurvey {
  readonly server: ServerFacts;
  readonly disk: DiskFacts | null;
  /** Who looked. */
  readonly surveyor: RoleFacts;
  /** Who captures; null where there is no such role yet. */
  readonly role: RoleFacts | null;
  readonly roleName: string;
  readonly everybody: EverybodyFacts;
  readonly publication: PublicationFacts | null;
  readonly tables: readonly TableFacts[];
}

/** Looks at a database and changes nothing. @throws TrucError SURVEY_* */
export function surveyDatabase(url: string, options: SurveyOptions): Promise<DatabaseSurvey> {
  return withSurveySession(url, options, (session) => surveyOf(session, options));
}

/** @throws TrucError SURVEY_* */
export async function surveyOf(session: SurveySession, options: SurveyOptions): Promise<DatabaseSurvey> {
  const { tables: names, schema = null, freeDiskBytes = null } = options;
  const surveyor = await readRoleFacts(session, null);
  if (surveyor === null) throw new Error('unreachable: a connection without a role');
  const roleName = options.role ?? surveyor.name;
  const role = roleName === surveyor.name ? surveyor : await readRoleFacts(session, roleName);
  const server = await readServerFacts(session);
  return {
    server,
    disk: await readDiskFacts(session, server, freeDiskBytes),
    surveyor,
    role,
    roleName,
    everybody: await readEverybodyFacts(session),
    publication: await readPublicationFacts(session, options.publication),
    tables: await readTableFacts(session, { names, schema, role: role?.name ?? 'public' }),
  };
}
