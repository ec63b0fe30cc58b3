import { contextSubject, subjectName } from '@truc/registry';
import type { ReadSettings } from '@truc/registry-client';
import { settingsWords, type SettingsRecord } from './export-record.js';
import type { Wanted } from './import-names.js';
import type { TargetState } from './target-state.js';

/** Names whose settings an import answers for: the contexts that it fills, and its subjects and aliases. */
export function settingsInImport({ versions, settings, contexts }: Wanted): Map<string, SettingsRecord> {
  const found = new Map<string, SettingsRecord>();
  const names = [...contexts.map(({ context }) => contextSubject(context)), ...versions.map(({ subject }) => subject)];
  for (const name of names) found.set(name, { kind: 'settings', name, config: null, mode: null });
  for (const each of settings) found.set(each.name, each);
  return found;
}

export interface SettingsChanges {
  readonly configs: readonly SettingsRecord[];
  /** Of subjects before those of contexts, of which the last one holds for all. */
  readonly modes: readonly SettingsRecord[];
}

/** What differs from what is set there. */
export function settingsChanges(wanted: ReadonlyMap<string, SettingsRecord>, target: TargetState): SettingsChanges {
  const all = [...wanted.values()].sort(
    (a, b) => Number(isWhole(a.name)) - Number(isWhole(b.name)) || (a.name === b.name ? 0 : a.name > b.name ? -1 : 1),
  );
  const there = (name: string): ReadSettings => target.settings.get(name) ?? { name, config: null, mode: null };
  return {
    configs: all.filter(({ name, config }) => settingsWords(config) !== settingsWords(there(name).config)),
    modes: all.filter(({ name, mode }) => mode !== there(name).mode),
  };
}

/** Whether a name means a context, or all. */
function isWhole(name: string): boolean {
  return subjectName(name).name === '';
}
