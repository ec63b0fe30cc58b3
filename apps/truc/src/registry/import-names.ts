import { besideSubject, contextSubject, subjectName } from '@truc/registry';
import type { ContextRecord, SettingsRecord, WithheldRecord } from './export-record.js';
import type { IndexedVersion } from './export-reader.js';

/** A version under the name that it is to have. */
export interface WantedVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly deleted: boolean;
  /** As it stands in the export, under the name that it has there. */
  readonly source: IndexedVersion;
}

/** Everything that is to be there after an import. */
export interface Wanted {
  readonly versions: readonly WantedVersion[];
  readonly settings: readonly SettingsRecord[];
  readonly contexts: readonly ContextRecord[];
  /** What the source keeps to itself. */
  readonly withheld: readonly WithheldRecord[];
}

/**
 * What an export holds, under the names that it is to have.
 * @param into a context of its own for all of it; null: where it was. The settings of all become those of that context.
 * @param idsAfter no id up to it is given again, whatever the export knows: the source may have given more since
 */
export function wantedOf(
  {
    versions,
    settings,
    contexts,
    withheld,
  }: {
    readonly versions: readonly IndexedVersion[];
    readonly settings: readonly SettingsRecord[];
    readonly contexts: readonly ContextRecord[];
    readonly withheld: readonly WithheldRecord[];
  },
  into: string | null,
  idsAfter = 0,
): Wanted {
  const named = (name: string): string => (into === null ? name : `${contextSubject(into)}${subjectName(name).name}`);
  return {
    versions: versions.map((source) => {
      const { version, id, deleted } = source;
      return { subject: named(source.subject), version, id, deleted, source };
    }),
    settings: settings
      .filter(({ name }) => into === null || subjectName(name).context !== '.__GLOBAL')
      .map((each) => ({ ...each, name: named(each.name) })),
    withheld: withheld.map((each) => ({ ...each, subject: named(each.subject) })),
    contexts: contexts.map((each) => ({ ...each, context: into ?? each.context, lastId: Math.max(each.lastId, idsAfter) })),
  };
}

/** Subjects that a version refers to, with the versions: null means the latest, whichever that is. */
export function referredBy({ subject, source }: WantedVersion): { readonly subject: string; readonly version: number | null }[] {
  return source.references.map((reference) => ({
    subject: besideSubject(subject, reference.subject),
    version: reference.version < 0 ? null : reference.version,
  }));
}
