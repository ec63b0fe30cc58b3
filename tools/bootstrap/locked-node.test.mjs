import { spawn } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

describe('an entry point', () => {
  it('needs nothing but Node itself before the dependencies are installed', () => {
    const folder = import.meta.dirname;
    const sources = readdirSync(folder).filter((name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs'));
    const imports = sources.flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/^import .* from '([^']+)'/gm)]);
    expect(imports.length).toBeGreaterThan(5);
    expect(imports.map(([, from]) => from).filter((from) => !from.startsWith('node:') && !from.startsWith('./'))).toEqual([]);
  });
});

describe('a program that carries on under the locked Node', () => {
  const root = mkdtempSync(join(tmpdir(), 'truc-node-'));
  const program = join(root, 'program.mjs');
  const node = join(root, 'node_modules/node/bin/node');
  beforeAll(() => {
    mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
    try {
      linkSync(process.execPath, node);
    } catch {
      copyFileSync(process.execPath, node);
    }
    writeFileSync(
      program,
      `import { underLockedNode } from ${JSON.stringify(join(import.meta.dirname, 'locked-node.mjs'))};
       await underLockedNode(${JSON.stringify(root)});
       console.log(JSON.stringify({ pid: process.pid, node: process.execPath, arguments: process.argv.slice(2) }));
       if (process.argv[2] === 'end') process.exit(7);
       setInterval(() => undefined, 1000);`,
    );
  });
  afterAll(() => rmSync(root, { recursive: true }));

  async function run(...args) {
    const starter = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => starter.once('exit', (code, signal) => resolve({ code, signal })));
    const { value } = await createInterface({ input: starter.stdout })[Symbol.asyncIterator]().next();
    // The pipe is shared by both processes and ends when the last of them does.
    const bothGone = new Promise((resolve) => starter.once('close', resolve));
    return { starter, ended, bothGone, said: JSON.parse(value) };
  }

  it('passes arguments on and ends as it ends', async () => {
    const { starter, ended, said } = await run('end', '--flag', 'x y');
    expect(said).toEqual({ pid: expect.any(Number), node, arguments: ['end', '--flag', 'x y'] });
    expect(said.pid).not.toBe(starter.pid);
    expect(await ended).toEqual({ code: 7, signal: null });
  });

  it('is ended by a signal to who started it', async () => {
    const { starter, ended } = await run('stay');
    starter.kill('SIGTERM');
    expect(await ended).toEqual({ code: 143, signal: null });
  });

  it('does not outlive who started it', async () => {
    const { starter, bothGone } = await run('stay');
    starter.kill('SIGKILL');
    await bothGone;
  });
});
