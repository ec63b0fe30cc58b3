import { contextSubject, subjectName } from '@truc/registry';
import type { LastId, ReadSettings, RegistryReader } from '@truc/registry-client';
import { TrucError } from '@truc/kernel';
import { contentDigest } from './export-record.js';

export interface TargetVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid: string | null;
  readonly deleted: boolean;
  readonly digest: string;
}

/** What the registry that is written to holds, as far as it concerns an import: no schema of it is kept. */
export interface TargetState {
  /** By {@link versionKey}. */
  readonly versions: ReadonlyMap<string, TargetVersion>;
  /** One version for each id, by {@link idKey}. */
  readonly ids: ReadonlyMap<string, TargetVersion>;
  readonly settings: ReadonlyMap<string, ReadSettings>;
  readonly lastIds: readonly LastId[];
}

export function versionKey({ subject, version }: { readonly subject: string; readonly version: number }): string {
  return `${version} ${subject}`;
}

export function idKey({ subject, id }: { readonly subject: string; readonly id: number }): string {
  return `${id} ${subjectName(subject).context}`;
}

/** @param context only what lies in it; null: all @throws TrucError REGISTRY_NOT_OURS, and those of the reader */
export async function loadTarget(reader: RegistryReader, context: string | null): Promise<TargetState> {
  const lastIds = await reader.lastIds();
  if (lastIds === null) {
    throw new TrucError(
      'REGISTRY_NOT_OURS',
      `${reader.http.url} is no schema registry of Truc, or one of an earlier release: schemas are imported into this one's`,
    );
  }
  const versions = new Map<string, TargetVersion>();
  const ids = new Map<string, TargetVersion>();
  for await (const found of (await reader.listed(context === null ? ':*:' : contextSubject(context))) ?? []) {
    const { subject, version, id, guid, deleted } = found;
    const kept = { subject, version, id, guid, deleted, digest: contentDigest(found) };
    versions.set(versionKey(kept), kept);
    ids.set(idKey(kept), kept);
  }
  const settings = new Map<string, ReadSettings>();
  for await (const found of reader.settings())
    if (context === null || subjectName(found.name).context === context) settings.set(found.name, found);
  return { versions, ids, settings, lastIds };
}
