import type { HeldVersion } from './import-plan.js';
import type { Wanted } from './import-names.js';
import { settingsWords, type SettingsRecord } from './export-record.js';
import type { Spelling } from './respelled-schema.js';
import { versionKey, type TargetState } from './target-state.js';

/** What was read back otherwise than it was meant to be. */
export interface Difference {
  /** `version 2 of orders-value`, `settings of orders-value`, `ids of .`. */
  readonly where: string;
  readonly what: string;
}

export interface CheckedImport {
  readonly differences: readonly Difference[];
  /** Versions that are there and say the same, byte for byte. */
  readonly verified: number;
  /** Versions whose text is written otherwise here: the same schema, another GUID. */
  readonly respelled: number;
}

/**
 * Compares all that is there with all that is wanted.
 * @param isOurs the export is of a registry that gives GUIDs as we do
 */
export function checkImport(
  wanted: Wanted,
  held: readonly HeldVersion[],
  settings: ReadonlyMap<string, SettingsRecord>,
  heldSettings: readonly { readonly name: string; readonly what: 'config' | 'mode' }[],
  target: TargetState,
  spelling: Spelling,
  isOurs: boolean,
): CheckedImport {
  const differences: Difference[] = [];
  const isHeld = new Set(held.map(versionKey));
  const known = new Set(isHeld);
  let [verified, respelled] = [0, 0];
  for (const each of wanted.versions) {
    const key = versionKey(each);
    known.add(key);
    if (isHeld.has(key)) continue;
    const differs = (what: string): unknown => differences.push({ where: `version ${each.version} of ${each.subject}`, what });
    const there = target.versions.get(key);
    if (there === undefined) {
      differs('is not there');
      continue;
    }
    const isRespelled = spelling.isRespelled(each, there);
    if (there.id !== each.id) differs(`has the id ${there.id} instead of ${each.id}`);
    if (there.deleted !== each.deleted) differs(there.deleted ? 'is deleted and was not' : 'lives and was deleted');
    if (!spelling.isSame(each, there)) differs('has another text, other references, metadata or rules');
    if (isOurs && !isRespelled && each.source.guid !== null && there.guid !== each.source.guid)
      differs(`has the GUID ${there.guid} instead of ${each.source.guid}`);
    if (isRespelled) respelled += 1;
    else verified += 1;
  }
  for (const { subject, version } of target.versions.values())
    if (!known.has(versionKey({ subject, version })))
      differences.push({ where: `version ${version} of ${subject}`, what: 'is of somebody else' });
  const leftOut = new Set(heldSettings.map(({ name, what }) => `${what} ${name}`));
  for (const { name, config, mode } of settings.values()) {
    const there = target.settings.get(name);
    const where = name === '' ? 'settings of all' : `settings of ${name}`;
    if (!leftOut.has(`config ${name}`) && settingsWords(there?.config ?? null) !== settingsWords(config))
      differences.push({ where, what: `are ${settingsWords(there?.config ?? null)} instead of ${settingsWords(config)}` });
    if (!leftOut.has(`mode ${name}`) && (there?.mode ?? null) !== mode)
      differences.push({ where, what: `have the mode ${there?.mode ?? 'none'} instead of ${mode ?? 'none'}` });
  }
  for (const { context, lastId } of wanted.contexts) {
    const there = target.lastIds.find((each) => each.context === context)?.lastId ?? 0;
    if (there < lastId) differences.push({ where: `ids of ${context}`, what: `go on from ${there} instead of ${lastId}` });
  }
  return { differences, verified, respelled };
}
