import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface BrokerLogOptions {
  /** File that a broker on this machine writes to. It need not be there yet, and may be rotated by renaming or by truncation. */
  readonly path: string;
  /** Told of whole lines, in their order. */
  readonly onLines: (lines: readonly string[]) => void;
  readonly pollMs?: number;
}

const readBytesMax = 1024 * 1024;
/** What of a line is kept until its end comes; the beginning of a longer one is dropped. */
const restBytesMax = 64 * 1024;

/** Follows a broker's log from its present end on. What was written before is told by the log itself. */
export class BrokerLog {
  readonly #options: BrokerLogOptions;
  readonly #stopped = new AbortController();
  #running: Promise<void> | null = null;
  #file: FileHandle | null = null;
  #inode = 0;
  #offset = 0;
  #rest = Buffer.alloc(0);
  /** Only the file that was there at the start is begun at its end. */
  #isFirst = true;

  constructor(options: BrokerLogOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#leave();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // A file that is away for a moment is being rotated, or its broker has not started.
      const hasMore = await this.#readOn().catch(() => false);
      if (!hasMore) await sleep(this.#options.pollMs ?? 500, undefined, { signal }).catch(() => {});
    }
  }

  /** @returns whether there is more to read at once */
  async #readOn(): Promise<boolean> {
    const file = (this.#file ??= await this.#enter());
    const buffer = Buffer.alloc(readBytesMax);
    const { bytesRead } = await file.read(buffer, 0, readBytesMax, this.#offset);
    if (bytesRead > 0) {
      this.#offset += bytesRead;
      this.#take(buffer.subarray(0, bytesRead));
      return bytesRead === readBytesMax;
    }
    if (await this.#isReplaced(file)) await this.#leave();
    return false;
  }

  async #enter(): Promise<FileHandle> {
    const file = await open(this.#options.path, 'r');
    const { ino, size } = await file.stat();
    this.#inode = ino;
    this.#offset = this.#isFirst ? size : 0;
    this.#isFirst = false;
    this.#rest = Buffer.alloc(0);
    return file;
  }

  async #leave(): Promise<void> {
    await this.#file?.close().catch(() => {});
    this.#file = null;
  }

  /** Another file stands under the name, or this one was cut. */
  async #isReplaced(file: FileHandle): Promise<boolean> {
    if ((await file.stat()).size < this.#offset) return true;
    const now = await open(this.#options.path, 'r');
    try {
      return (await now.stat()).ino !== this.#inode;
    } finally {
      await now.close();
    }
  }

  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(0x0a) + 1;
    this.#rest = Buffer.from(all.subarray(Math.max(end, all.length - restBytesMax)));
    if (end > 0) this.#options.onLines(all.toString('utf8', 0, end - 1).split('\n'));
  }
}
