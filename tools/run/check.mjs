// Layout, house law and types; each counts as one test.
import { spawn } from 'node:child_process';
import { add } from './summary.mjs';

const checks = [
  { name: 'prettier', args: ['--check', '--cache', '--cache-location', '.truc/prettier', '.'], cure: 'npm run format' },
  { name: 'eslint', args: ['--cache', '--cache-location', '.truc/eslint', '.'] },
  { name: 'tsc', args: ['-p', '.'] },
];

function runCheck({ name, args, cure }, root, environment) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(`${root}/node_modules/.bin/${name}`, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => output.push(Buffer.from(error.message)));
    child.once('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (code !== 0) console.log(Buffer.concat(output).toString('utf8').trim() + (cure ? `\n"${cure}" mends this` : ''));
      resolve({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });
    });
  });
}

export async function check(root, environment) {
  return add(await Promise.all(checks.map((one) => runCheck(one, root, environment))));
}
