import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { messageOf, TrucError } from '@truc/kernel';
import {
  compareVersions,
  contentDigest,
  exportRecord,
  lineBytesMax,
  type ContextRecord,
  type ExportHead,
  type ExportRecord,
  type SettingsRecord,
  type VersionRecord,
  type WithheldRecord,
} from './export-record.js';

/** What is kept in memory of a version; the rest is read where it is needed. */
export interface IndexedVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid: string | null;
  readonly schemaType: string;
  readonly references: VersionRecord['references'];
  readonly deleted: boolean;
  /** {@link contentDigest} */
  readonly digest: string;
  /** Of its line in the file. */
  readonly at: number;
  readonly bytes: number;
}

/**
 * An export that was read to its end and is whole: nothing is cut off, nothing was altered. What was checked is what is read later, byte for byte.
 * Codes: EXPORT_FILE_UNREADABLE, EXPORT_FILE_FORMAT, EXPORT_FILE_CUT, EXPORT_FILE_ALTERED.
 */
export class ExportFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  head!: ExportHead;
  readonly contexts: ContextRecord[] = [];
  /** In the order of their ids. */
  readonly versions: IndexedVersion[] = [];
  readonly settings: SettingsRecord[] = [];
  readonly withheld: WithheldRecord[] = [];
  #end: Extract<ExportRecord, { kind: 'end' }> | null = null;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** @throws TrucError EXPORT_FILE_UNREADABLE, EXPORT_FILE_FORMAT, EXPORT_FILE_CUT, EXPORT_FILE_ALTERED */
  static async open(path: string): Promise<ExportFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (cause) {
      throw new TrucError('EXPORT_FILE_UNREADABLE', `the export ${path} cannot be read: ${messageOf(cause)}`, { cause });
    }
    const file = new ExportFile(path, handle);
    try {
      await file.#check();
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** @throws TrucError EXPORT_FILE_ALTERED: not what was there when the file was checked */
  async read({ at, bytes, digest }: IndexedVersion): Promise<VersionRecord> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(bytes), 0, bytes, at);
    const record = bytesRead === bytes ? parsed(buffer.toString('utf8')) : null;
    if (record?.kind === 'version' && contentDigest(record) === digest) return record;
    throw this.#altered('it changed while it was read');
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #check(): Promise<void> {
    const hash = createHash('sha256');
    let line = 0;
    let at = 0;
    for await (const bytes of this.#lines()) {
      line += 1;
      if (this.#end !== null) throw this.#altered(`line ${line} stands after the end`);
      const record = parsed(bytes.toString('utf8'));
      if (record === null) {
        if (line === 1) throw this.#format('its first line is none of an export of truc registry export');
        throw this.#altered(`line ${line} is none of an export`);
      }
      this.#take(record, line, at, bytes.length);
      if (record.kind === 'end' && record.sha256 !== hash.digest('hex')) throw this.#altered('its checksum is that of another text');
      if (record.kind !== 'end') hash.update(bytes).update('\n');
      at += bytes.length + 1;
    }
    if (this.#end === null) throw this.#cut(line);
    const { contexts, versions, settings, withheld } = this.#end;
    const [lines, counted] = [
      [this.contexts, this.versions, this.settings, this.withheld],
      [contexts, versions, settings, withheld],
    ];
    if (lines.some(({ length }, index) => length !== counted[index])) throw this.#altered('its last line counts other lines');
  }

  #take(record: ExportRecord, line: number, at: number, bytes: number): void {
    if ((line === 1) !== (record.kind === 'export')) {
      throw line === 1
        ? this.#format(`it begins with a line of kind "${record.kind}"`)
        : this.#altered(`line ${line} begins an export anew`);
    }
    switch (record.kind) {
      case 'export':
        this.head = record;
        return;
      case 'context':
        this.contexts.push(record);
        return;
      case 'version': {
        const { subject, version, id, guid, schemaType, references, deleted } = record;
        const last = this.versions.at(-1);
        if (last !== undefined && compareVersions(last, record) >= 0) throw this.#altered(`line ${line} is not in the order of ids`);
        this.versions.push({ subject, version, id, guid, schemaType, references, deleted, digest: contentDigest(record), at, bytes });
        return;
      }
      case 'settings':
        this.settings.push(record);
        return;
      case 'withheld':
        this.withheld.push(record);
        return;
      case 'end':
        this.#end = record;
    }
  }

  /** Lines without their ends. A text after the last end of a line is no line. */
  async *#lines(): AsyncGenerator<Buffer> {
    const chunk = Buffer.alloc(1024 * 1024);
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; ;) {
      const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      let text = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      for (let end = text.indexOf(0x0a); end !== -1; end = text.indexOf(0x0a)) {
        yield text.subarray(0, end);
        text = text.subarray(end + 1);
      }
      rest = text;
      if (rest.length > lineBytesMax) throw this.#format(`it has a line of more than ${lineBytesMax} bytes`);
    }
    if (rest.length > 0 && this.#end !== null) throw this.#altered('something stands after its last line');
    if (this.versions.length === 0 && rest.length > 0 && !rest.includes('"kind":')) throw this.#format('it holds something else');
  }

  #format(problem: string): TrucError {
    return new TrucError('EXPORT_FILE_FORMAT', `${this.#path} is no export of a registry: ${problem}`);
  }

  #cut(line: number): TrucError {
    return new TrucError(
      'EXPORT_FILE_CUT',
      `${this.#path} is cut off after line ${line}: its last line, with the count and the checksum, is missing; nothing was written; take a whole copy of the export`,
    );
  }

  #altered(problem: string): TrucError {
    return new TrucError(
      'EXPORT_FILE_ALTERED',
      `${this.#path} is not as it was exported: ${problem}; nothing was written; take another copy of the export`,
    );
  }
}

function parsed(line: string): ExportRecord | null {
  try {
    const found = exportRecord.safeParse(JSON.parse(line));
    return found.success ? found.data : null;
  } catch {
    return null;
  }
}
