import { TrucError } from '@truc/kernel';
import type { ChangeSourceStart } from '@truc/pipeline';
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { CapturedTable } from './captured-table.js';
import type { completeOptions } from './capture-options.js';
import { CaptureRun, type CaptureParts } from './capture-run.js';
import { ChildrenReading } from './children-reading.js';
import { ConfirmedPosition } from './confirmed-position.js';
import { IdleAdvance } from './idle-advance.js';
import { captureError } from './postgres-error.js';
import { PrimaryPulse } from './primary-pulse.js';
import { openPrimary, whilePrimaryTells } from './primary-session.js';
import { PublicationWatch } from './publication-watch.js';
import { RelationBook } from './relation-book.js';
import { ReplicationConnection } from './replication-connection.js';
import { createSlotOn, slotFacts } from './replication-slot.js';
import { judgeSlot, type SlotFacts } from './slot-verdict.js';
import { SnapshotReader } from './snapshot-reader.js';
import { refuseUnlessSound } from './source-check.js';
import { openSession, textRows, withSession } from './source-session.js';
import { marksOf, parentsOf } from './table-marks.js';
import { TableSnapshots, type SnapshotTask } from './table-snapshots.js';
import { TouchedKeys } from './touched-keys.js';
import { TransactionAssembler, type RowObserver } from './transaction-assembler.js';
import type { TypeNames } from './type-names.js';

type Options = ReturnType<typeof completeOptions>;
const SERVER_VERSION_MIN = 140_000;
/** Rows of one chunk that is read by keys. A row may have megabytes. */
const rereadRowsMax = 50;

/** Connects, checks that streaming may begin where the state says, and puts the parts of a stream together. @throws TrucError as `PostgresChangeSource.stream` tells */
export async function openStream(
  options: Options,
  start: ChangeSourceStart,
  typeNames: TypeNames,
  signal: AbortSignal,
): Promise<CaptureRun> {
  const tasks = snapshotTasks(options, start);
  const client = await openSession(options.connectionString, 'replication');
  let snapshots: CaptureParts['snapshots'] = null;
  let primary: Client | null = null;
  // The creation of a slot may wait for hours for somebody's transaction.
  const leave = () => client.connection.stream.destroy();
  signal.addEventListener('abort', leave);
  try {
    const { walSenderTimeoutMs } = await checkServer(client, options.publication);
    const facts = await slotFacts(client, options.slot);
    primary = await primaryOf(client, facts, options);
    const slot = await checkSlot(client, facts, primary, options, start);
    const position = new ConfirmedPosition(slot.confirmed, start.after);
    const replication = new ReplicationConnection(client, options.limits, options.clock, () => position.lsn);
    if (tasks.length > 0) snapshots = await openSnapshots(options, tasks, typeNames, primary, () => replication.interrupt());
    const relations = new RelationBook(options.tables, typeNames, partitionedOf(options));
    const relationOf = relations.get.bind(relations);
    const children = childrenReading(options, typeNames, primary, replication);
    const assembler = new TransactionAssembler(start.after, relationOf, options.limits, observers(snapshots?.touched, children));
    const statusIntervalMs = Math.min(
      options.limits.statusIntervalMs,
      walSenderTimeoutMs === 0 ? Infinity : Math.ceil(walSenderTimeoutMs / 3),
    );
    await replication.start(options.slot, options.publication, statusIntervalMs);
    const idle = new IdleAdvance(options.limits.idleIntervalMs);
    // Stored at once, so that from here on a slot that is gone or further on than it was made is seen.
    if (slot.isNew) idle.offer(slot.confirmed, true, options.clock.now());
    const pulse =
      primary === null ? null : new PrimaryPulse(primary, randomUUID(), options.limits.pulseIntervalMs, (error) => replication.fail(error));
    pulse?.start();
    return new CaptureRun({
      replication,
      position,
      assembler,
      relations,
      typeNames,
      idle,
      clock: options.clock,
      snapshots,
      children,
      publication: watchOf(options, start, replication),
      pulse,
    });
  } catch (error) {
    snapshots?.reader.close();
    primary?.connection.stream.destroy();
    client.connection.stream.destroy();
    throw captureError(error, `starting to stream from the slot "${options.slot}"`);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** One that is gone by now counts as one that had partitions. What a table is, it stays. */
function partitionedOf({ connectionString }: Options): (id: number) => Promise<boolean> {
  const known = new Map<number, boolean>();
  return async (id) => {
    const found =
      known.get(id) ??
      (await withSession(connectionString, 'looking at what kind of table the stream announces', async (client) => {
        const [[kind] = []] = await textRows(client, 'SELECT relkind FROM pg_class WHERE oid = $1', [id]);
        return kind === undefined || kind === 'p';
      }));
    known.set(id, found);
    return found;
  };
}

/** On a connection of its own for each look. */
function watchOf(
  { connectionString, publication, tables, limits, log }: Options,
  { marks }: ChangeSourceStart,
  replication: ReplicationConnection,
): PublicationWatch | null {
  if (marks === undefined) return null;
  const names = tables.map(({ table }) => table);
  const parents = parentsOf(tables);
  const look = () => withSession(connectionString, 'looking at the publication', (client) => marksOf(client, publication, names));
  return new PublicationWatch(
    { publication, marks, parents, look, intervalMs: limits.publicationLookMs },
    {
      onMissing: () => replication.interrupt(),
      onInterrupted: (error) => replication.fail(error),
      log: (message) => log('warn', message),
    },
  );
}

function snapshotTasks({ tables }: Options, { snapshots, rereads = [] }: ChangeSourceStart): SnapshotTask[] {
  const chunks = rereads.flatMap(({ table: name, keys }) => {
    const table = tables.find(({ table }) => table === name);
    if (table === undefined)
      throw new TrucError('CAPTURE_TABLE_UNKNOWN', `rows of ${name} are to be read again, and this source does not capture it`);
    const batches = batchesOf(keys);
    return batches.map((batch, at) => ({ table, keys: batch, isLast: at === batches.length - 1 }));
  });
  const again = ([1, 2] as const).flatMap((round) =>
    chunks.map(({ table, keys, isLast }): SnapshotTask => ({ table, progress: unread(table.table), reread: { keys, round, isLast } })),
  );
  const unfinished = snapshots
    .filter(({ done }) => !done)
    .flatMap((progress) => {
      const table = tables.find(({ table }) => table === progress.table);
      if (table === undefined)
        throw new TrucError('CAPTURE_TABLE_UNKNOWN', `a snapshot of ${progress.table} is asked for, and this source does not capture it`);
      return table.parent === undefined || progress.isOfParents !== true
        ? [{ table, progress }]
        : withParents(tables, table, table.parent, progress);
    });
  return [...again, ...unfinished];
}

/** A table's parents, in the order of the key by which its rows point to them, and then the table. */
function withParents(
  tables: Options['tables'],
  table: CapturedTable,
  parent: NonNullable<CapturedTable['parent']>,
  progress: SnapshotTask['progress'],
): SnapshotTask[] {
  const { primaryKey: keys } = tables.find((one) => one.table === parent.table) ?? { primaryKey: parent.key };
  return [
    { table: { table: parent.table, primaryKey: parent.key, isParent: true }, progress, keys },
    { table, progress: unread(table.table) },
  ];
}

/** What reads children again; null where no table has its codes from another. */
function childrenReading(
  { tables, connectionString, publication, limits, clock, log }: Options,
  typeNames: TypeNames,
  primary: Client | null,
  replication: ReplicationConnection,
): ChildrenReading | null {
  if (tables.every(({ parent }) => parent === undefined)) return null;
  return new ChildrenReading({
    tables,
    openReader: () => SnapshotReader.open(connectionString, publication, typeNames, limits, clock, primary),
    touchedKeysBytes: limits.touchedKeysBytes,
    pace: { chunksAhead: limits.chunksAhead, retryDelayMs: limits.chunkRetryDelayMs },
    log: (message) => log('warn', message),
    onUnreadable: () => replication.interrupt(),
    onFailure: (error) => replication.fail(captureError(error, 'reading rows again whose code changed')),
  });
}

function observers(...all: readonly (RowObserver | null | undefined)[]): RowObserver | null {
  const some = all.filter((one) => one !== null && one !== undefined);
  if (some.length < 2) return some[0] ?? null;
  return {
    begin: (xid) => some.forEach((one) => one.begin(xid)),
    touch: (table, key) => some.forEach((one) => one.touch(table, key)),
    truncate: (table) => some.forEach((one) => one.truncate(table)),
  };
}

function unread(table: string): SnapshotTask['progress'] {
  return { table, lastKey: null, rowsRead: 0, rowsEstimated: 0, done: false };
}

function batchesOf(keys: readonly (readonly string[])[]): (readonly string[])[][] {
  return Array.from({ length: Math.ceil(keys.length / rereadRowsMax) }, (_, batch) =>
    keys.slice(batch * rereadRowsMax, (batch + 1) * rereadRowsMax),
  );
}

async function openSnapshots(
  options: Options,
  tasks: readonly SnapshotTask[],
  typeNames: TypeNames,
  primary: Client | null,
  onUnreadable: () => void,
): Promise<CaptureParts['snapshots']> {
  const { connectionString, publication, limits, clock, log } = options;
  const reader = await SnapshotReader.open(connectionString, publication, typeNames, limits, clock, primary);
  try {
    const unknownBelow = await reader.freshTransactionId();
    const touched = new TouchedKeys(new Set(tasks.map(({ table: { table } }) => table)), unknownBelow, limits.touchedKeysBytes);
    const pace = { chunksAhead: limits.chunksAhead, retryDelayMs: limits.chunkRetryDelayMs };
    const tables = new TableSnapshots(randomUUID(), tasks, reader, touched, pace, (message) => log('warn', message), onUnreadable);
    return { tables, reader, touched };
  } catch (error) {
    reader.close();
    throw error;
  }
}

async function checkServer(client: Client, publication: string): Promise<{ walSenderTimeoutMs: number }> {
  const [[version, walLevel, encoding, timeout, published] = []] = await textRows(
    client,
    `SELECT current_setting('server_version_num'), current_setting('wal_level'), current_setting('server_encoding'),
       (SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout'),
       EXISTS (SELECT FROM pg_publication WHERE pubname = ${client.escapeLiteral(publication)})`,
  );
  const refuse = (code: string, sentence: string): never => {
    throw new TrucError(code, sentence);
  };
  if (Number(version) < SERVER_VERSION_MIN)
    refuse('CAPTURE_SERVER_TOO_OLD', `the source is PostgreSQL ${version}; version 14 or later is needed`);
  if (walLevel !== 'logical') {
    refuse('CAPTURE_WAL_LEVEL', `wal_level of the source is ${walLevel}: ALTER SYSTEM SET wal_level = 'logical', and restart the source`);
  }
  if (encoding === 'SQL_ASCII') {
    refuse(
      'CAPTURE_ENCODING',
      'the database has the encoding SQL_ASCII, so nobody can tell which characters its bytes mean: move it to UTF8',
    );
  }
  if (published !== 't') {
    refuse(
      'CAPTURE_PUBLICATION_MISSING',
      `there is no publication "${publication}": the source's administrator creates it (truc source check prints the SQL)`,
    );
  }
  return { walSenderTimeoutMs: Number(timeout) };
}

/** A session of the primary, where this server is a standby and its primary is known; a server that was promoted needs none any more. */
async function primaryOf(client: Client, facts: SlotFacts, { primaryConnectionString, log }: Options): Promise<Client | null> {
  if (!facts.inRecovery || primaryConnectionString === null) return null;
  return openPrimary(primaryConnectionString, client, facts, log);
}

/** Judged again on the connection that will stream: since it was judged before, another server may have taken over. @returns the slot's confirmed_flush_lsn */
async function checkSlot(
  client: Client,
  facts: SlotFacts,
  primary: Client | null,
  { slot, log }: Options,
  start: ChangeSourceStart,
): Promise<{ confirmed: bigint; isNew: boolean }> {
  const { after: sequence, identity, highestSent } = start;
  const verdict = refuseUnlessSound(
    judgeSlot({ sequence, ...identity, ...(highestSent === undefined ? {} : { highestSent }) }, facts, primary !== null),
  );
  if (verdict.kind === 'resume') return { confirmed: facts.confirmedFlushLsn ?? 0n, isNew: false };
  log('info', `creating the slot "${slot}"; PostgreSQL waits until every transaction that is writing now has ended`);
  const create = () => createSlotOn(client, slot);
  return { confirmed: (primary === null ? await create() : await whilePrimaryTells(primary, log, create)) + 1n, isNew: true };
}
