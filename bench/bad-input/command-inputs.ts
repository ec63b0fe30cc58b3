import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot, type Backbone } from '@truc/local-stack';
import { hostileSchemas, hostileYaml } from '@truc/testing';
import type { BadInput } from './bad-input-run.js';

/** Files for the command line: the command ends by itself, with a sentence and its exit code. What it sends to the platform, as `apply` and `codelist import` do, costs that no more than it may. */
export function commandInputs(backbone: Backbone, workDirectory: string, quick: boolean): BadInput[] {
  const directory = join(workDirectory, 'files');
  mkdirSync(directory, { recursive: true });
  const contextFile = join(directory, 'context.json');
  const { platform: platformUrl, 'schema-registry': registryUrl } = backbone.urls;
  const local = { platformUrl, registryUrl, token: backbone.administratorToken };
  writeFileSync(contextFile, JSON.stringify({ current: 'local', contexts: { local } }), { mode: 0o600 });
  const run = (
    surface: string,
    input: string,
    file: string,
    content: string | Buffer,
    args: (path: string) => string[],
    isServed = false,
  ): BadInput => ({
    surface: `truc ${surface}`,
    input,
    isServed,
    feed: (signal) => {
      const path = join(directory, file);
      writeFileSync(path, content);
      const beganAt = performance.now();
      return new Promise((resolve) => {
        execFile(
          process.execPath,
          [join(checkoutRoot, 'apps/truc/dist/main.js'), ...args(path)],
          { signal, timeout: 60_000, env: { ...process.env, TRUC_CONTEXT: contextFile } },
          (error, stdout, stderr) => {
            const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
            const seconds = ((performance.now() - beganAt) / 1000).toFixed(1);
            // Violations are what was asked for, and problems are none of it.
            const [sentence = ''] = `${stderr}\n${stdout}`.trim().split('\n');
            const isRight = (code === 1 || code === 2) && sentence !== '' && !stderr.includes('    at ');
            resolve({ told: `exit code ${code ?? 'none'} in ${seconds} s: ${sentence.replace(`${directory}/`, '')}`, isRight });
          },
        );
      });
    },
  });
  const latin = Buffer.from('codeList:\n  id: urn:vn:ddict:codelist:a # \xea\n', 'latin1');
  const release = (path: string): string[] => ['schema', 'check', join(checkoutRoot, 'schemas/avro/Source.avsc'), '--release', path];
  const applied = (path: string): string[] => ['apply', '-f', path];
  const imported = (path: string): string[] => ['codelist', 'import', path, '--list', 'blood-type', '--yes'];
  return [
    ...hostileSchemas
      .filter(({ isRefused }) => isRefused)
      .map(({ name, text }) => run('schema check', name, 'bad.avsc', text, (path) => ['schema', 'check', path])),
    run('schema check', 'bytes that are not UTF-8', 'bad.avsc', Buffer.from('"\xea"', 'latin1'), (path) => ['schema', 'check', path]),
    run('schema check --release', 'bytes that are not UTF-8', 'bad.yaml', latin, release),
    // Both read files in the same way; in haste each reads every other one.
    ...hostileYaml(quick ? 20_000 : 200_000)
      .filter((_, index) => !quick || index % 2 === 0)
      .map(({ name, text }) => run('schema check --release', name, 'bad.yaml', text, release)),
    ...hostileYaml(quick ? 20_000 : 900_000)
      .filter((_, index) => !quick || index % 2 === 1)
      .map(({ name, text }) => run('apply', name, 'bad.yaml', text, applied, true)),
    run('apply', 'bytes that are not UTF-8', 'bad.yaml', latin, applied, true),
    run('apply', 'a file of two megabytes', 'bad.yaml', `# ${'x'.repeat(2_000_000)}`, applied, true),
    ...hostileLists(quick ? 20_000 : 900_000).map(([name, content]) => run('codelist import', name, 'bad.csv', content, imported, true)),
  ];
}

/** Files of a code list that nobody should send. */
function hostileLists(chars: number): [string, string | Buffer][] {
  const head = 'code,label_vi,label_en,valid_from\n';
  const rows = (row: (index: number) => string): string => {
    const lines = [head];
    for (let length = 0, index = 0; length < chars; index++) {
      const line = row(index);
      lines.push(line);
      length += line.length;
    }
    return lines.join('');
  };
  return [
    ['nothing', ''],
    ['a header alone', head],
    ['bytes that are not UTF-8', Buffer.from(`${head}1,\xea,a,2020-01-01\n`, 'latin1')],
    ['NUL', `${head}1\0,a,a,2020-01-01\n`],
    ['half a character', Buffer.concat([Buffer.from(`${head}1,`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(',a,2020-01-01\n')])],
    ['a quote without end', `${head}1,"${'a\n'.repeat(chars / 2)}`],
    ['one code in every row', rows(() => '1,a,a,2020-01-01\n')],
    ['days that are none', rows((index) => `c${index},a,a,2020-02-31\n`)],
    ['columns that no header has', rows(() => '1,a,a,2020-01-01,1,2,3\n')],
    ['a header of many columns', `${Array.from({ length: chars / 8 }, (_, index) => `c${index}`).join()}\n`],
    ['__proto__', '__proto__,constructor\n1,a\n'],
    ['a line of one text', `${head}1,${'x'.repeat(chars)},a,2020-01-01\n`],
    ['thirty megabytes', Buffer.alloc(30_000_000, 0x61)],
  ];
}
