import { spawn } from 'node:child_process';
import { appendFileSync, chownSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import pg from 'pg';

/** A copy of a running server's data, good enough to go on from. */
export interface SourceCopy {
  readonly directory: string;
  /** What was committed by here is in the copy. */
  readonly lsn: bigint;
}

/** What a running server keeps in its directory and a copy may not have. */
const ofTheProcess = ['postmaster.pid', 'postmaster.opts'];

/**
 * Copies the data directory of a server while it runs, its log included, between `pg_backup_start` and `pg_backup_stop`, as a base backup is made.
 * @throws TrucError CHECKER_COPY_FAILED
 */
export async function copySource(sourceUrl: string, dataDirectory: string): Promise<SourceCopy> {
  const directory = `${dataDirectory}.copy`;
  rmSync(directory, { recursive: true, force: true });
  const client = new pg.Client({ connectionString: sourceUrl, application_name: 'checker' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('checker', true)`);
    await copy(dataDirectory, directory);
    const { rows } = await client.query<{ lsn: string; label: string }>(
      `SELECT (lsn - '0/0'::pg_lsn)::text AS lsn, labelfile AS label FROM pg_backup_stop(false)`,
    );
    // Once more: the end of the log is what makes the copy whole.
    rmSync(join(directory, 'pg_wal'), { recursive: true });
    await copy(join(dataDirectory, 'pg_wal'), join(directory, 'pg_wal'));
    for (const file of ofTheProcess) rmSync(join(directory, file), { force: true });
    write(directory, 'backup_label', rows[0]?.label ?? '');
    return { directory, lsn: BigInt(rows[0]?.lsn ?? '0') };
  } finally {
    await client.end();
  }
}

/** Puts the copy in the place of what a stopped server holds; when it starts it recovers to the copy's end and goes on in a timeline of its own. */
export function restoreSource({ directory }: SourceCopy, dataDirectory: string): void {
  write(directory, 'recovery.signal', '');
  // There is no archive; all that is needed lies in the copy.
  appendFileSync(join(directory, 'postgresql.auto.conf'), `restore_command = 'false'\n`);
  rmSync(dataDirectory, { recursive: true });
  renameSync(directory, dataDirectory);
}

/** Beside everything else that this process does: the lines to the servers run in it. */
async function copy(from: string, to: string): Promise<void> {
  // Its messages are read, so they have to be in one language whatever the machine speaks.
  const child = spawn('cp', ['-a', from, to], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const errors = output.split('\n').filter((line) => line !== '' && !line.includes('No such file or directory'));
  // A running server removes files under the copy's hands; its log says what they held.
  if (code !== 0 && (errors.length > 0 || output === ''))
    throw new TrucError('CHECKER_COPY_FAILED', `the data of the source cannot be copied: ${errors[0] ?? `cp ended with ${code}`}`);
}

/** A file of the server's own user. */
function write(directory: string, name: string, text: string): void {
  const path = join(directory, name);
  const { uid, gid } = statSync(directory);
  writeFileSync(path, text, { mode: 0o600 });
  chownSync(path, uid, gid);
}
