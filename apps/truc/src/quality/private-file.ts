import { existsSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { messageOf, TrucError } from '@truc/kernel';

const bufferBytes = 64 * 1024;

/** A file for its owner's eyes only, complete or not there at all. */
export class PrivateFile {
  readonly #path: string;
  readonly #draft: string;
  readonly #handle: FileHandle;
  #waiting = '';

  private constructor(path: string, draft: string, handle: FileHandle) {
    this.#path = path;
    this.#draft = draft;
    this.#handle = handle;
  }

  /** @throws TrucError EXPORT_FILE_EXISTS unless `force`, EXPORT_FILE_UNWRITABLE */
  static async open(path: string, force: boolean): Promise<PrivateFile> {
    if (existsSync(path) && !force)
      throw new TrucError('EXPORT_FILE_EXISTS', `${path} is there already: name another file with --out, or write over it with --force`);
    const draft = `${path}.${process.pid}.part`;
    try {
      return new PrivateFile(path, draft, await open(draft, 'wx', 0o600));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** Resolves when there is room for more. @throws TrucError EXPORT_FILE_UNWRITABLE */
  async write(text: string): Promise<void> {
    this.#waiting += text;
    if (this.#waiting.length >= bufferBytes) await this.#flush();
  }

  /** @throws TrucError EXPORT_FILE_UNWRITABLE */
  async finish(): Promise<void> {
    await this.#flush();
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#draft, this.#path);
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
  }

  /** Leaves nothing behind. */
  async giveUp(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#draft, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    try {
      await this.#handle.writeFile(text);
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
  }
}

function unwritable(path: string, cause: unknown): TrucError {
  return new TrucError('EXPORT_FILE_UNWRITABLE', `${path} cannot be written: ${messageOf(cause)}; name another file with --out`, { cause });
}
