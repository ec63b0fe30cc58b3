import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { isAlive, startedAt } from './process-identity.js';

interface Holder {
  readonly pid: number;
  readonly startedAt: string | null;
  readonly name: string;
}

/** A process that died without releasing leaves its file behind; its id may since belong to another process, which the start time gives away. */
function isStale(holder: Holder | null): boolean {
  return holder === null || !isAlive(holder.pid) || startedAt(holder.pid) !== holder.startedAt;
}

function parse(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/**
 * Keeps two starts off one data directory. The lock is the file `lock`, linked into place with its content complete, so nobody ever reads half of one.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #content: string;

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
  }

  /**
   * @param name what is being started, for the message of the one who comes second
   * @throws TrucError STACK_DIRECTORY_IN_USE
   */
  static acquire(directory: string, name: string): DirectoryLock {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'lock');
    const content = JSON.stringify({ pid: process.pid, startedAt: startedAt(process.pid), name, token: randomUUID() });
    const draft = `${path}.${randomUUID()}`;
    writeFileSync(draft, content, { mode: 0o600 });
    try {
      for (;;) {
        try {
          linkSync(draft, path);
          return new DirectoryLock(path, content);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
        const held = read(path);
        const holder = held === null ? null : parse(held);
        if (held !== null && !isStale(holder)) {
          throw new TrucError(
            'STACK_DIRECTORY_IN_USE',
            `${directory} is in use by ${holder?.name} (process ${holder?.pid}): stop that one first, or choose another data directory`,
            { retry: true },
          );
        }
        DirectoryLock.#removeStale(path, held);
      }
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /**
   * 1. We and a rival both read the same stale file. 2. The rival removes it and links its own. 3. We would now remove the rival's. So the file is first moved aside, and put back when it is not the one that was read.
   */
  static #removeStale(path: string, seen: string | null): void {
    if (seen === null) return;
    const aside = `${path}.${randomUUID()}`;
    try {
      renameSync(path, aside);
    } catch {
      return;
    }
    if (read(aside) !== seen) {
      try {
        linkSync(aside, path);
      } catch {
        // A third process holds it by now; the second one finds out when it is asked to release.
      }
    }
    rmSync(aside, { force: true });
  }

  release(): void {
    if (read(this.#path) === this.#content) rmSync(this.#path, { force: true });
  }
}
