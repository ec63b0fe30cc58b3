import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkoutRoot } from './checkout.js';
import { isAlive } from './process-identity.js';
import { removeServerDirectory } from './server-directory.js';

/** A program like `truc up`: starts both servers, says their process ids, and on Ctrl-C stops them in an order of its own. */
const program = `
const { startKafka, startPostgres } = await import('@truc/local-stack');
const directory = process.argv[1];
const postgres = await startPostgres({ directory: directory + '/postgres', durable: false });
const kafka = await startKafka({ directory: directory + '/kafka', heapMebibytes: 256 });
const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
for (const server of [postgres, kafka]) server.process.once('exit', (exit) => say({ exit }));
process.on('SIGINT', async () => {
  await kafka.stop();
  await postgres.stop();
  process.exit(0);
});
say({ pids: [postgres.pid, kafka.pid] });
`;

describe('children of a program that ends', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-orphans-'));
  afterAll(() => {
    for (const server of ['postgres', 'kafka']) removeServerDirectory(join(directory, server));
    rmSync(directory, { recursive: true });
  });

  async function run() {
    // The leader of a group of its own, as a shell makes it for a command in a terminal.
    const parent: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program, directory], {
      cwd: checkoutRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    if (parent.stdout === null || parent.pid === undefined) throw new Error('the program did not start');
    const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? 'null');
    const { pids } = (await next()) as { pids: number[] };
    return { group: -parent.pid, pids, next };
  }

  async function untilGone(pids: readonly number[]): Promise<void> {
    for (let waited = 0; waited < 300 && pids.some(isAlive); waited++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(pids.filter(isAlive)).toEqual([]);
  }

  it('are gone soon after it was killed, and the next start finds the directories free', async () => {
    for (let round = 0; round < 2; round++) {
      const { group, pids } = await run();
      expect(pids.every(isAlive)).toBe(true);
      process.kill(group, 'SIGKILL');
      await untilGone(pids);
    }
  });

  it('leave the order of stopping to it on Ctrl-C', async () => {
    const { group, pids, next } = await run();
    process.kill(group, 'SIGINT');
    expect(await next()).toMatchObject({ exit: { name: 'Kafka', wanted: true } });
    expect(await next()).toMatchObject({ exit: { name: 'PostgreSQL', wanted: true } });
    await untilGone(pids);
  });
});
