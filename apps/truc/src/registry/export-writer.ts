import { createHash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { messageOf, TrucError } from '@truc/kernel';
import { PrivateFile } from '../quality/private-file.js';
import {
  compareVersions,
  type ContextRecord,
  type ExportHead,
  type SettingsRecord,
  type VersionRecord,
  type WithheldRecord,
} from './export-record.js';

/** Where a version's line stands in the draft: so much of each version is in memory, and no schema. */
interface Drafted {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly at: number;
  readonly bytes: number;
}

interface Counts {
  readonly contexts: number;
  readonly versions: number;
  readonly settings: number;
  readonly withheld: number;
}

/**
 * Writes an export: versions come in any order into a draft beside the file, and are copied from there in the order of their ids. For its owner's eyes only; complete, or not there at all.
 * Methods throw TrucError EXPORT_FILE_EXISTS, EXPORT_FILE_UNWRITABLE, EXPORT_TWICE.
 */
export class ExportWriter {
  readonly #file: PrivateFile;
  readonly #draft: FileHandle;
  readonly #draftPath: string;
  readonly #drafted: Drafted[] = [];
  readonly #settings: SettingsRecord[] = [];
  readonly #withheld: WithheldRecord[] = [];
  #draftBytes = 0;

  private constructor(file: PrivateFile, draft: FileHandle, draftPath: string) {
    this.#file = file;
    this.#draft = draft;
    this.#draftPath = draftPath;
  }

  /** @param force write over a file that is there */
  static async open(path: string, force: boolean): Promise<ExportWriter> {
    const file = await PrivateFile.open(path, force);
    const draftPath = `${path}.${process.pid}.draft`;
    try {
      return new ExportWriter(file, await open(draftPath, 'wx+', 0o600), draftPath);
    } catch (cause) {
      await file.giveUp();
      throw new TrucError('EXPORT_FILE_UNWRITABLE', `${draftPath} cannot be written: ${messageOf(cause)}; name another file with --out`, {
        cause,
      });
    }
  }

  async add(version: VersionRecord): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(version)}\n`);
    const at = this.#draftBytes;
    this.#draftBytes += line.length;
    this.#drafted.push({ subject: version.subject, version: version.version, id: version.id, at, bytes: line.length });
    await this.#draft.write(line, 0, line.length, at);
  }

  set(settings: SettingsRecord): void {
    this.#settings.push(settings);
  }

  withhold(version: WithheldRecord): void {
    this.#withheld.push(version);
  }

  /** @returns how many of each there are */
  async finish(head: ExportHead, contexts: readonly ContextRecord[]): Promise<Counts> {
    const drafted = this.#drafted.sort(compareVersions);
    const twice = drafted.find((each, index) => {
      const before = drafted[index - 1];
      return before?.subject === each.subject && before.version === each.version;
    });
    if (twice !== undefined) {
      throw new TrucError(
        'EXPORT_TWICE',
        `the registry told version ${twice.version} of ${twice.subject} twice: somebody changes it at this moment; make it read-only while it is read (PUT /mode), and start again`,
      );
    }
    const settings = this.#settings.sort((a, b) => (a.name < b.name ? -1 : 1));
    const hash = createHash('sha256');
    const write = async (text: string): Promise<void> => {
      hash.update(text);
      await this.#file.write(text);
    };
    for (const record of [head, ...contexts]) await write(`${JSON.stringify(record)}\n`);
    for (const { at, bytes } of drafted) {
      const { buffer } = await this.#draft.read(Buffer.alloc(bytes), 0, bytes, at);
      await write(buffer.toString('utf8'));
    }
    const withheld = this.#withheld.sort((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.version - b.version));
    for (const record of [...settings, ...withheld]) await write(`${JSON.stringify(record)}\n`);
    const counts = { contexts: contexts.length, versions: drafted.length, settings: settings.length, withheld: withheld.length };
    const end = { kind: 'end', ...counts, sha256: hash.digest('hex') };
    await this.#file.write(`${JSON.stringify(end)}\n`);
    await this.#file.finish();
    await this.#endDraft();
    return counts;
  }

  /** Leaves nothing behind. */
  async giveUp(): Promise<void> {
    await this.#file.giveUp();
    await this.#endDraft();
  }

  async #endDraft(): Promise<void> {
    await this.#draft.close().catch(() => undefined);
    await rm(this.#draftPath, { force: true });
  }
}
