import { statfs } from 'node:fs/promises';
import type { DatabaseAddress } from './survey-error.js';
import type { ServerFacts } from './server-facts.js';
import type { SurveySession } from './survey-session.js';

/** Room that is left where the server writes its WAL, and who says so. */
export interface DiskFacts {
  readonly freeBytes: number;
  /** `stated`: by whoever asked; `measured`: on this machine, which is the server's. */
  readonly origin: 'stated' | 'measured';
}

const loopback = /^(localhost|127\.[0-9.]+|\[?::1\]?)$/;

/**
 * PostgreSQL itself tells nobody how full its disk is. On the server's own machine the file system does; elsewhere somebody has to say it.
 * A tunnel ends at another port than the server's, which is how it is told apart.
 * @returns null where it cannot be known
 */
export async function readDiskFacts(
  session: SurveySession,
  { dataDirectory }: ServerFacts,
  statedBytes: number | null,
): Promise<DiskFacts | null> {
  if (statedBytes !== null) return { freeBytes: statedBytes, origin: 'stated' };
  if (dataDirectory === null || !(await isThisMachine(session, session.address))) return null;
  try {
    const { bavail, bsize } = await statfs(dataDirectory);
    return { freeBytes: bavail * bsize, origin: 'measured' };
  } catch {
    return null;
  }
}

async function isThisMachine(session: SurveySession, { host, port }: DatabaseAddress): Promise<boolean> {
  if (!loopback.test(host)) return false;
  const [row] = await session.rows<{ address: string | null; port: number | null }>(
    'asking for the address of the server',
    'SELECT host(inet_server_addr()) AS address, inet_server_port() AS port',
  );
  return row !== undefined && row.port === port && loopback.test(row.address ?? '');
}
