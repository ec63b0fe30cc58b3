import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshSecret, keptSecret } from '../kept-secret.js';

/** Secrets as files of one line, for the owner's eyes only (0600 in a directory of 0700); configurations name the files. */
export class SecretsDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** As a configuration refers to it. */
  reference(name: string): { readonly file: string } {
    return { file: this.file(name) };
  }

  has(name: string): boolean {
    return existsSync(this.file(name));
  }

  read(name: string): string {
    return readFileSync(this.file(name), 'utf8').trim();
  }

  /** A password of our own making, the same at every start. */
  password(name: string): string {
    return keptSecret(this.file(name), freshSecret);
  }

  /** The file is there complete or not at all. */
  write(name: string, value: string): void {
    const draft = this.file(`${name}.draft`);
    writeFileSync(draft, `${value}\n`, { mode: 0o600 });
    renameSync(draft, this.file(name));
  }
}
