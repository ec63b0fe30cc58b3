import { contextSubject } from '@truc/registry';
import { refusedBy, type RegistryHttp, type RegistryProblem, type RegistryWriter } from '@truc/registry-client';
import type { ExportFile } from './export-reader.js';
import type { SettingsRecord } from './export-record.js';
import type { ImportPlan, HeldVersion } from './import-plan.js';
import { referredBy, type Wanted, type WantedVersion } from './import-names.js';
import { settingsChanges, settingsInImport } from './import-settings.js';
import { versionKey, type TargetState } from './target-state.js';

export interface ImportManner {
  /** Our own export comes back: what the dictionary judged once is not judged again. */
  readonly restored: boolean;
  /** The registry is left READWRITE, whatever mode it had. */
  readonly isOpenedAfterwards: boolean;
  /** Told after each hundred versions. */
  readonly progress: (done: number, of: number) => void;
}

/** A setting that the registry does not take. */
export interface HeldSetting {
  readonly name: string;
  readonly what: 'config' | 'mode';
  readonly reason: string;
}

export interface ImportResult {
  readonly held: readonly HeldVersion[];
  readonly heldSettings: readonly HeldSetting[];
  readonly registered: number;
  readonly deleted: number;
  /** What is to be set now, by name. */
  readonly settings: ReadonlyMap<string, SettingsRecord>;
}

const importMode = 'IMPORT';
/** Of Confluent: the operation is not permitted. */
const notPermitted = 42205;

/**
 * Does what is planned. Everything that is asked of the registry may be asked again, and nothing is remembered here: whoever is stopped at any point starts anew with a new plan.
 * 1. What is filled is in IMPORT mode, so that nobody else registers there meanwhile. 2. Versions, each after what it refers to. 3. What was deleted softly is deleted, from the last to the first.
 * 4. No id that was given is given again. 5. Settings. 6. Modes, those of all at the very end.
 */
export class ImportRun {
  readonly #http: RegistryHttp;
  readonly #writer: RegistryWriter;
  readonly #file: ExportFile;
  readonly #manner: ImportManner;
  readonly #held = new Map<string, HeldVersion>();

  constructor(http: RegistryHttp, writer: RegistryWriter, file: ExportFile, manner: ImportManner) {
    this.#http = http;
    this.#writer = writer;
    this.#file = file;
    this.#manner = manner;
  }

  /** @throws TrucError REGISTRY_REFUSED: what has to be done is refused; and those of the writer and the file */
  async run(wanted: Wanted, plan: ImportPlan, target: TargetState): Promise<ImportResult> {
    for (const each of plan.held) this.#held.set(versionKey(each), each);
    const settings = settingsInImport(this.#manner.isOpenedAfterwards ? openedAfterwards(wanted) : wanted);
    const { configs } = settingsChanges(settings, target);
    const isWriting = plan.missing.length + plan.deletions.length + configs.length > 0;
    const opened = isWriting
      ? await this.#open(
          wanted,
          plan,
          configs.map(({ name }) => name),
          target,
        )
      : new Map<string, string | null>();
    await this.#register(plan.missing);
    let deleted = 0;
    for (const each of plan.deletions) {
      if (this.#held.has(versionKey(each))) continue;
      const problem = await this.#writer.deleteSoftly(each.subject, each.version);
      if (problem === null) deleted += 1;
      else this.#hold(each, problem, 'it was deleted there, and lives on here: ');
    }
    if (wanted.contexts.length > 0) this.#demand(await this.#writer.raiseLastIds(wanted.contexts), 'the highest ids');
    const heldSettings: HeldSetting[] = [];
    for (const { name, config } of configs) {
      const problem = await this.#writer.configure(name, config);
      if (problem !== null) heldSettings.push({ name, what: 'config', reason: problem.message });
    }
    const modesNow = new Map([...target.settings].map(([name, each]) => [name, each.mode]));
    for (const [name, mode] of opened) modesNow.set(name, mode);
    const { modes } = settingsChanges(settings, {
      ...target,
      settings: new Map(
        [...new Set([...settings.keys(), ...modesNow.keys()])].map((name) => [
          name,
          { name, config: null, mode: modesNow.get(name) ?? null },
        ]),
      ),
    });
    for (const { name, mode } of modes) {
      const problem = await this.#writer.setMode(name, mode);
      if (problem !== null) heldSettings.push({ name, what: 'mode', reason: problem.message });
    }
    const planned = new Set(plan.held.map(versionKey));
    const late = [...this.#held.values()].filter((each) => !planned.has(versionKey(each)));
    const notRegistered = plan.missing.filter((each) => late.some((held) => versionKey(held) === versionKey(each))).length;
    return { held: [...this.#held.values()], heldSettings, registered: plan.missing.length - notRegistered, deleted, settings };
  }

  /** @returns what is in IMPORT mode from now on */
  async #open(wanted: Wanted, plan: ImportPlan, configured: readonly string[], target: TargetState): Promise<Map<string, string | null>> {
    const opened = new Map<string, string | null>();
    const open = async (name: string): Promise<void> => {
      if (target.settings.get(name)?.mode !== importMode)
        this.#demand(await this.#writer.setMode(name, importMode), `mode IMPORT for ${name === '' ? 'all' : name}`);
      opened.set(name, importMode);
    };
    for (const { context } of wanted.contexts) await open(contextSubject(context));
    // A subject's own mode goes before its context's.
    const touched = new Set([...plan.missing, ...plan.deletions].map(({ subject }) => subject));
    for (const name of [...touched, ...configured]) {
      const mode = target.settings.get(name)?.mode ?? null;
      if (mode !== null && mode !== importMode && !opened.has(name)) await open(name);
    }
    return opened;
  }

  async #register(missing: readonly WantedVersion[]): Promise<void> {
    for (const [index, each] of missing.entries()) {
      const lost = referredBy(each).find(({ subject, version }) => version !== null && this.#held.has(versionKey({ subject, version })));
      if (lost === undefined) {
        const record = await this.#file.read(each.source);
        const problem = await this.#writer.register({ ...record, subject: each.subject }, this.#manner.restored);
        // It would be the same for all the others.
        if (problem?.error_code === notPermitted && this.#manner.restored) throw refusedBy(this.#http, 'to be restored', problem);
        if (problem !== null) this.#hold(each, problem);
      } else {
        this.#held.set(versionKey(each), {
          ...plainVersion(each),
          reason: `it refers to version ${lost.version} of ${lost.subject}, which stays behind`,
          violations: [],
        });
      }
      if ((index + 1) % 100 === 0) this.#manner.progress(index + 1, missing.length);
    }
  }

  #hold(each: WantedVersion, { message, violations }: RegistryProblem, before = ''): void {
    this.#held.set(versionKey(each), { ...plainVersion(each), reason: `${before}${message}`, violations });
  }

  #demand(problem: RegistryProblem | null, what: string): void {
    if (problem !== null) throw refusedBy(this.#http, what, problem);
  }
}

function plainVersion({ subject, version, id }: WantedVersion): Pick<HeldVersion, 'subject' | 'version' | 'id'> {
  return { subject, version, id };
}

/** The same with its contexts open for everybody. */
function openedAfterwards(wanted: Wanted): Wanted {
  const wholes = new Set(wanted.contexts.map(({ context }) => contextSubject(context)));
  return { ...wanted, settings: wanted.settings.map((each) => (wholes.has(each.name) ? { ...each, mode: 'READWRITE' } : each)) };
}
