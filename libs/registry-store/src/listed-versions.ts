import type { EntityManager } from 'typeorm';
import { cataloguedVersion, versionColumns, versionTables, type CataloguedVersion, type VersionRow } from './catalogued-version.js';
import { answering } from './database.js';

/** Bytes of schemas, with what is told of them, that are read at a time. One version alone may have more. */
const batchBytesMax = 1024 * 1024;

/** A version in a list, and how much there is of it. */
export interface ListedKey {
  readonly subject: string;
  readonly version: number;
  readonly bytes: number;
}

/**
 * The versions of a list in their order, as much of them at a time as may be in memory: a thousand versions with all that may be told of each would be half a gigabyte. No connection is held in between, so that who
 * reads slowly holds up nobody. What is deleted in between is left out.
 * @param deleted whether versions that were deleted softly are shown
 * @throws RegistryRefusal storeFailed, storeUnavailable
 */
export async function* versionsInBatches(
  manager: EntityManager,
  keys: readonly ListedKey[],
  deleted: boolean,
): AsyncGenerator<CataloguedVersion[]> {
  for (const batch of batchesOf(keys)) {
    const rows = await answering(() =>
      manager.query<VersionRow[]>(
        `SELECT ${versionColumns} FROM ${versionTables} JOIN unnest($1::text[], $2::integer[]) AS listed (subject, version)
           ON v.subject = listed.subject AND v.version = listed.version
         WHERE $3 OR NOT v.is_deleted ORDER BY v.subject, v.version`,
        [batch.map(({ subject }) => subject), batch.map(({ version }) => version), deleted],
      ),
    );
    yield rows.map(cataloguedVersion);
  }
}

/** Each of one version at least, and of no more bytes than may be where it has several. */
export function batchesOf(keys: readonly ListedKey[]): ListedKey[][] {
  const batches: ListedKey[][] = [];
  let bytes = Infinity;
  for (const key of keys) {
    if (bytes + key.bytes > batchBytesMax) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(key);
    bytes += key.bytes;
  }
  return batches;
}
