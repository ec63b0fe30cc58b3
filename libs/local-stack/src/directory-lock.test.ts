import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryLock } from './directory-lock.js';
import { startedAt } from './process-identity.js';

describe('a directory lock', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'truc-lock-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const hold = (content: unknown) => writeFileSync(join(directory, 'lock'), JSON.stringify(content));

  it('is held by one, who is named to the second, until it is released', () => {
    const lock = DirectoryLock.acquire(directory, 'PostgreSQL');
    expect(() => DirectoryLock.acquire(directory, 'Kafka')).toThrow(expect.objectContaining({ code: 'STACK_DIRECTORY_IN_USE' }));
    expect(() => DirectoryLock.acquire(directory, 'Kafka')).toThrow(/PostgreSQL/);
    lock.release();
    DirectoryLock.acquire(directory, 'Kafka').release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('passes from a process that died', async () => {
    const child = spawn('/bin/sh', ['-c', 'exit 0']);
    await once(child, 'exit');
    hold({ pid: child.pid, startedAt: '1', name: 'PostgreSQL' });
    DirectoryLock.acquire(directory, 'Kafka').release();
  });

  it('passes when the process id belongs to a later process by now', () => {
    hold({ pid: process.pid, startedAt: 'long ago', name: 'PostgreSQL' });
    DirectoryLock.acquire(directory, 'Kafka').release();
    hold({ pid: process.pid, startedAt: startedAt(process.pid), name: 'PostgreSQL' });
    expect(() => DirectoryLock.acquire(directory, 'Kafka')).toThrow(expect.objectContaining({ code: 'STACK_DIRECTORY_IN_USE' }));
  });

  it('passes when its content is not ours', () => {
    writeFileSync(join(directory, 'lock'), 'x');
    DirectoryLock.acquire(directory, 'Kafka').release();
  });

  it('is not released by one who lost it', () => {
    const lock = DirectoryLock.acquire(directory, 'PostgreSQL');
    rmSync(join(directory, 'lock'));
    const successor = DirectoryLock.acquire(directory, 'Kafka');
    lock.release();
    expect(() => DirectoryLock.acquire(directory, 'third')).toThrow(/Kafka/);
    successor.release();
  });
});
