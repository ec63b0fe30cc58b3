import { contextSubject, defaultContext, subjectName } from '@truc/registry';
import type { LastId, ReadVersion, RegistryReader } from '@truc/registry-client';
import { type ContextRecord, exportFormat, type ExportHead } from './export-record.js';
import type { ExportWriter } from './export-writer.js';

/** Questions under way at a time, where a registry is read one version after the other. */
const questionsMax = 8;
const globalSettings = contextSubject('.__GLOBAL');

export interface ReadingChoice {
  /** Only what lies in this context. */
  readonly context: string | null;
  /** Told after each hundred versions. */
  readonly progress: (versions: number) => void;
  readonly madeAt: string;
}

/**
 * Reads a registry whole into an export: schemas, versions, settings and modes, with what was deleted softly. One of ours is read by its lists, any other by what every registry of Confluent's API answers.
 * What changes meanwhile may be half in it: the one that verifies compares with the file.
 * @throws TrucError of the reader and the writer
 */
export async function readRegistry(reader: RegistryReader, writer: ExportWriter, choice: ReadingChoice) {
  const lastIds = await reader.lastIds();
  const isOurs = lastIds !== null;
  const contexts = (await reader.contexts()).filter((name) => choice.context === null || name === choice.context);
  const found = new Found(writer, choice);
  await readVersions(reader, found, contexts);
  if (isOurs) for await (const settings of reader.settings()) found.set(settings);
  else await readSettings(reader, found, contexts);
  const head: ExportHead = { kind: 'export', format: exportFormat, url: reader.http.url, ours: isOurs, madeAt: choice.madeAt };
  const counts = await writer.finish(head, contextRecords(found, lastIds, choice.context));
  return { ...counts, isOurs, contexts };
}

/** What was read so far, as far as it was asked for. */
class Found {
  readonly subjects = new Set<string>();
  /** The highest id that was met, by context. */
  readonly highestIds = new Map<string, number>();
  readonly #writer: ExportWriter;
  readonly #choice: ReadingChoice;
  #versions = 0;

  constructor(writer: ExportWriter, choice: ReadingChoice) {
    this.#writer = writer;
    this.#choice = choice;
  }

  isAskedFor(name: string): boolean {
    const { context } = this.#choice;
    return context === null || subjectName(name).context === context;
  }

  async add(version: ReadVersion): Promise<void> {
    if (!this.isAskedFor(version.subject)) return;
    const { context } = subjectName(version.subject);
    this.subjects.add(version.subject);
    this.highestIds.set(context, Math.max(version.id, this.highestIds.get(context) ?? 0));
    await this.#writer.add({ kind: 'version', ...version, references: [...version.references] });
    if (++this.#versions % 100 === 0) this.#choice.progress(this.#versions);
  }

  withhold(subject: string, version: number, reason: string): void {
    this.#writer.withhold({ kind: 'withheld', subject, version, reason });
  }

  set(settings: { name: string; config: Readonly<Record<string, unknown>> | null; mode: string | null }): void {
    if (this.isAskedFor(settings.name) && (settings.config !== null || settings.mode !== null))
      this.#writer.set({ kind: 'settings', ...settings });
  }
}

async function readVersions(reader: RegistryReader, found: Found, contexts: readonly string[]): Promise<void> {
  const listed = await reader.listed(':*:');
  if (listed !== null) {
    for await (const version of listed) await found.add(version);
    return;
  }
  const subjects = (await reader.subjects(contexts)).filter((subject) => found.isAskedFor(subject));
  await inParallel(subjects, async (subject) => {
    const [all, live] = [await reader.versions(subject, false), new Set(await reader.versions(subject, true))];
    for (const version of all) {
      const read = await reader.version(subject, version, !live.has(version));
      if (typeof read === 'string') found.withhold(subject, version, read);
      else await found.add(read);
    }
  });
}

async function readSettings(reader: RegistryReader, found: Found, contexts: readonly string[]): Promise<void> {
  const names = new Set(['', ...contexts.map(contextSubject), ...(contexts.length === 0 ? [] : [globalSettings])]);
  for (const name of [...found.subjects, ...(await reader.aliases())]) names.add(name);
  await inParallel([...names].sort(), async (name) => {
    found.set({ name, config: await reader.config(name), mode: await reader.mode(name) });
  });
}

/** Every context with ids, and with the highest that is known to have been given. */
function contextRecords({ highestIds }: Found, lastIds: readonly LastId[] | null, only: string | null): ContextRecord[] {
  const known = new Map(highestIds);
  for (const { context, lastId } of lastIds ?? []) known.set(context, Math.max(lastId, known.get(context) ?? 0));
  known.set(defaultContext, known.get(defaultContext) ?? 0);
  return [...known]
    .filter(([context]) => only === null || context === only)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([context, lastId]) => ({ kind: 'context', context, lastId }));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: questionsMax }, worker));
}
