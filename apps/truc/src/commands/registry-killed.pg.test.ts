import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkoutRoot } from '@truc/local-stack';
import { CuttingProxy } from '../registry/cutting-proxy.test-data.js';
import { RunningRegistries, type RunningRegistry } from '../registry/running-registries.test-data.js';

const registries = new RunningRegistries();
let source: RunningRegistry;
const subjects = 24;

beforeAll(async () => {
  source = await registries.start();
  await source.register('part', { type: 'record', name: 'Part', fields: [] });
  for (let index = 0; index < subjects; index += 1) {
    const schema = { type: 'record', name: `R${index}`, fields: [{ name: 'part', type: 'Part' }] };
    await source.register(`s${index}`, schema, { references: [{ name: 'Part', subject: 'part', version: 1 }] });
    if (index % 3 === 0) await source.done('DELETE', `/subjects/s${index}`);
    if (index % 4 === 1) await source.done('PUT', `/config/s${index}`, { compatibility: 'NONE' });
    if (index % 5 === 2) await source.done('PUT', `/mode/s${index}`, { mode: 'READONLY' });
  }
}, 120_000);
afterAll(() => registries.close());

/** Runs the import as a process and kills it with SIGKILL as soon as so many versions are there. @returns its exit code; null where it was killed */
async function importUntil(target: RunningRegistry, versions: number): Promise<number | null> {
  const main = join(checkoutRoot, 'apps', 'truc', 'dist', 'main.js');
  const child = spawn(process.execPath, [main, 'registry', 'import', '--from', source.url, '--to', target.url], {
    cwd: registries.directory,
    stdio: 'ignore',
  });
  let isOver = false;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve)).finally(() => (isOver = true));
  while (!isOver) {
    const there = (await target.done('GET', '/schemas?deleted=true')) as object[];
    if (there.length >= versions && !child.killed) child.kill('SIGKILL');
  }
  return ended;
}

describe('truc registry import, stopped in the middle', () => {
  it('ends as if it had never been killed', async () => {
    const target = await registries.start();
    const codes = [];
    for (const versions of [1, 1 + Math.ceil(Math.random() * subjects)]) codes.push(await importUntil(target, versions));
    // Some kill must have hit, else this says nothing.
    expect(codes).toContain(null);
    expect(await importUntil(target, Infinity)).toBe(0);
    expect(await target.contents()).toEqual(await source.contents());
  }, 300_000);

  it('ends the same wherever it is cut off', async () => {
    const target = await registries.start();
    const proxy = await CuttingProxy.before(target.url);
    const run = () => registries.run('registry', 'import', '--from', source.url, '--to', proxy.url);
    // What one run asks: as many questions as there are places where it can be cut.
    const whole = await registries.start();
    const counting = await CuttingProxy.before(whole.url);
    expect((await registries.run('registry', 'import', '--from', source.url, '--to', counting.url)).code).toBe(0);
    for (const from of [0, 0.2, 0.4, 0.6, 0.8]) {
      proxy.cutAfter(Math.floor(counting.asked * (from + 0.2 * Math.random())));
      const { code, err } = await run();
      // Little is left to be asked towards the end: then it comes through.
      if (code !== 0) expect([code, err]).toEqual([1, expect.stringContaining('does not answer')]);
    }
    proxy.cutAfter(Infinity);
    expect((await run()).code).toBe(0);
    expect(await target.contents()).toEqual(await source.contents());
    proxy.close();
    counting.close();
  }, 300_000);
});
