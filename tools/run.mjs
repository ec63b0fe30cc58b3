// `node tools/run.mjs <command>`: installs, builds, checks and tests, from any Node of version 20 or later and from nothing installed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap/bootstrap.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command = 'test', ...args] = process.argv.slice(2);

const commands = {
  build: async () => [],
  check: async ({ check }) => [await check()],
  test: async ({ check, jest }) => [await check(), await jest('standard')],
  'test:unit': async ({ jest }) => [await jest('unit')],
  'test:long': async ({ jest }) => [await jest('long')],
};

/** Programs of their own, with options of their own. */
const programs = [
  'stack:test',
  'check:faults',
  'check:bad-input',
  'bench:capture',
  'bench:source-overhead',
  'bench:registry',
  'package:agent',
  'package:image',
];

if (!programs.includes(command) && !(command in commands)) {
  console.error(`unknown command "${command}": use ${[...Object.keys(commands), ...programs].join(', ')}`);
  process.exit(3);
}

await bootstrap(root);
// Programs that start "node" get the locked one too.
const environment = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };

if (command === 'stack:test') {
  const { keptStack } = await import('./jest/kept-stack.mjs');
  await keptStack(args);
} else if (command === 'check:faults') {
  const { build } = await import('./build.mjs');
  await build(join(root, 'e2e/checker'));
  const { main } = await import('../e2e/checker/dist/main.js');
  // Everything is closed and written by now. Sockets whose other end was killed have been seen to hold up an exit of Node's own for ever.
  process.exit(await main(args));
} else if (command.startsWith('bench:') || command === 'check:bad-input') {
  const { build } = await import('./build.mjs');
  await build(join(root, 'bench'));
  const { main } = await import(`../bench/dist/${command.split(':')[1]}/main.js`);
  process.exit(await main(args));
} else if (command === 'package:agent' || command === 'package:image') {
  const { main } = await import(command === 'package:agent' ? './package/agent-archive.mjs' : './package/image-tree.mjs');
  await main(root, args);
} else {
  const { add, forgetSummary, summaryLine, writeSummary } = await import('./run/summary.mjs');
  const { check } = await import('./run/check.mjs');
  const { runJest } = await import('./run/jest-run.mjs');
  const name = command.replace(':', '-');
  forgetSummary(root, name);
  const summaries = await commands[command]({
    check: () => check(root, environment),
    jest: (kind) => runJest(root, kind, args, environment),
  });
  if (summaries.length > 0) {
    const total = add(summaries);
    writeSummary(root, name, total);
    console.log(summaryLine(total));
    process.exitCode = total.failed === 0 ? 0 : 1;
  }
}
