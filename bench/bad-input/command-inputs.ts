import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from '@truc/local-stack';
import { hostileSchemas, hostileYaml } from '@truc/testing';
import type { BadInput } from './bad-input-run.js';

/** Files for the command line. No process of the backbone reads them: what counts is that the command ends by itself, with a sentence and its exit code. */
export function commandInputs(workDirectory: string, quick: boolean): BadInput[] {
  const directory = join(workDirectory, 'files');
  mkdirSync(directory, { recursive: true });
  const run = (surface: string, input: string, file: string, content: string | Buffer, args: (path: string) => string[]): BadInput => ({
    surface: `truc ${surface}`,
    input,
    isServed: false,
    feed: (signal) => {
      const path = join(directory, file);
      writeFileSync(path, content);
      const beganAt = performance.now();
      return new Promise((resolve) => {
        execFile(
          process.execPath,
          [join(checkoutRoot, 'apps/truc/dist/main.js'), ...args(path)],
          { signal, timeout: 60_000 },
          (error, _, stderr) => {
            const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
            const seconds = ((performance.now() - beganAt) / 1000).toFixed(1);
            const isRight = (code === 1 || code === 2) && !stderr.includes('    at ');
            resolve({ told: `exit code ${code ?? 'none'} in ${seconds} s`, isRight });
          },
        );
      });
    },
  });
  const latin = Buffer.from('codeList:\n  id: urn:vn:ddict:codelist:a # \xea\n', 'latin1');
  const release = (path: string): string[] => ['schema', 'check', join(checkoutRoot, 'schemas/avro/Source.avsc'), '--release', path];
  return [
    ...hostileSchemas
      .filter(({ isRefused }) => isRefused)
      .map(({ name, text }) => run('schema check', name, 'bad.avsc', text, (path) => ['schema', 'check', path])),
    run('schema check', 'bytes that are not UTF-8', 'bad.avsc', Buffer.from('"\xea"', 'latin1'), (path) => ['schema', 'check', path]),
    run('schema check --release', 'bytes that are not UTF-8', 'bad.yaml', latin, release),
    ...hostileYaml(quick ? 20_000 : 200_000).map(({ name, text }) => run('schema check --release', name, 'bad.yaml', text, release)),
  ];
}
