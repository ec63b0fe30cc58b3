import { contextSubject, defaultContext } from '@truc/registry';
import { RegistryReader, RegistryWriter, type RegistryConnection } from '@truc/registry-client';
import { checkImport } from './import-check.js';
import { wantedOf, type Wanted } from './import-names.js';
import { planImport, type HeldVersion, type ImportPlan } from './import-plan.js';
import type { ImportReport } from './import-report.js';
import { ImportRun } from './import-run.js';
import { Spelling } from './respelled-schema.js';
import { idKey, loadTarget, versionKey, type TargetState } from './target-state.js';
import type { ExportFile } from './export-reader.js';

export interface ImportChoice {
  readonly target: RegistryConnection;
  /** A context of its own for all of it; null: where it was. */
  readonly into: string | null;
  /** A lost registry of ours comes back from its own export. */
  readonly isRestore: boolean;
  readonly isOpenedAfterwards: boolean;
  /** No id up to it is given again. */
  readonly idsAfter: number;
  readonly isDryRun: boolean;
  readonly leftOut: readonly string[];
  readonly progress: (done: number, of: number) => void;
}

/**
 * Fills a registry with what an export holds: looks at what is there, refuses what contradicts it before anything is written, writes what is missing, and reads all of it back.
 * @throws TrucError REGISTRY_NOT_OURS, REGISTRY_REFUSED, REGISTRY_UNREACHABLE, REGISTRY_DENIED, EXPORT_FILE_ALTERED
 */
export async function importRegistry(file: ExportFile, choice: ImportChoice): Promise<ImportReport> {
  const { into, isRestore, isDryRun } = choice;
  const reader = new RegistryReader(choice.target);
  const writer = new RegistryWriter(reader.http);
  const wanted = wantedOf(file, into, choice.idsAfter);
  const spelling = new Spelling(file, wanted.versions);
  const before = await loadTarget(reader, into);
  await learn(spelling, wanted, before);
  const plan = planImport(wanted, before, (each, there) => spelling.isSame(each, there));
  const report = reportOf(file, reader, wanted, plan, choice);
  if (plan.conflicts.length > 0) return { ...report, verdict: 'refused' };
  if (isDryRun) {
    const held = isRestore ? plan.held : [...plan.held, ...(await foreseen(plan, writer, file))];
    const registered = plan.missing.length - (held.length - plan.held.length);
    return { ...report, verdict: 'planned', held, versions: { ...report.versions, registered, deletedSoftly: plan.deletions.length } };
  }
  const manner = { restored: isRestore, isOpenedAfterwards: choice.isOpenedAfterwards, progress: choice.progress };
  const { held, heldSettings, registered, deleted, settings } = await new ImportRun(reader.http, writer, file, manner).run(
    wanted,
    plan,
    before,
  );
  const after = await loadTarget(reader, into);
  await learn(spelling, wanted, after);
  const checked = checkImport(wanted, held, settings, heldSettings, after, spelling, file.head.ours);
  const { differences, verified, respelled } = checked;
  return {
    ...report,
    verdict: differences.length > 0 ? 'differs' : held.length + heldSettings.length > 0 ? 'held' : 'imported',
    versions: { ...report.versions, registered, deletedSoftly: deleted, verified, respelled },
    held,
    heldSettings,
    differences,
    mode: after.settings.get(contextSubject(into ?? defaultContext))?.mode ?? 'READWRITE',
  };
}

function reportOf(file: ExportFile, reader: RegistryReader, wanted: Wanted, plan: ImportPlan, { leftOut }: ImportChoice): ImportReport {
  const { conflicts, held, present } = plan;
  return {
    verdict: 'refused',
    source: file.head.url,
    target: reader.http.url,
    versions: { inSource: wanted.versions.length, present, registered: 0, deletedSoftly: 0, verified: 0, respelled: 0 },
    conflicts,
    held,
    heldSettings: [],
    differences: [],
    leftOut,
    mode: 'READWRITE',
  };
}

/** Reads again what is there in another spelling. */
async function learn(spelling: Spelling, { versions }: Wanted, target: TargetState): Promise<void> {
  await spelling.learn(versions, (each) => [target.versions.get(versionKey(each)), target.ids.get(idKey(each))]);
}

/** What the rules would hold back, of a dry run: the registry judges each as it would at its turn, without what comes before it. */
async function foreseen({ missing }: ImportPlan, writer: RegistryWriter, file: ExportFile): Promise<HeldVersion[]> {
  const found: HeldVersion[] = [];
  for (const { subject, version, id, source } of missing) {
    // What is not there yet cannot be referred to yet.
    if (source.references.length > 0) continue;
    const judged = await writer.judged(subject, await file.read(source));
    if (!('error_code' in judged)) continue;
    found.push({ subject, version, id, reason: judged.message, violations: judged.violations });
  }
  return found;
}
