import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from './command-line.test-data.js';

describe('truc completion', () => {
  const line = new CommandLine();
  let script: string;
  beforeAll(async () => {
    script = join(line.directory, 'completion.bash');
    writeFileSync(script, (await line.run('completion', 'bash')).out);
    writeFileSync(join(line.directory, 'dataset.yaml'), '');
  });
  afterAll(() => line.close());

  /** What bash itself offers after these words; the last one is being typed. */
  function offered(...words: readonly string[]): string[] {
    const quoted = ['truc', ...words].map((word) => `'${word}'`).join(' ');
    const program = `source "$1"; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _truc; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', program, 'bash', script], { encoding: 'utf8', cwd: line.directory });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  }

  it('knows every command', () => {
    expect(offered('')).toEqual(
      expect.arrayContaining(['up', 'apply', 'diff', 'get', 'describe', 'doctor', 'completion', 'help', '--help']),
    );
    expect(offered('com')).toEqual(['completion']);
    expect(offered('agent', '')).toEqual(expect.arrayContaining(['pause', 'resume', 'status', 'resolve']));
    expect(offered('context', 'a')).toEqual(['add']);
  });

  it('knows options, by the command that they belong to', () => {
    expect(offered('apply', '--')).toEqual(expect.arrayContaining(['--file', '--dry-run', '--output', '--help']));
    expect(offered('apply', '--')).not.toContain('--residents');
    expect(offered('up', '--res')).toEqual(['--residents']);
    expect(offered('agent', 'status', '--s')).toEqual(['--source']);
  });

  it('knows what options and arguments take', () => {
    expect(offered('status', '-o', '')).toEqual(['table', 'json', 'yaml']);
    expect(offered('apply', '--lang', '')).toEqual(['vi', 'en']);
    expect(offered('source', 'assess', '-o', '')).toEqual(['table', 'json', 'yaml', 'html']);
    expect(offered('schema', 'check', '-o', 's')).toEqual(['sarif']);
    expect(offered('up', '--only', 'schema')).toEqual(['schema-registry']);
    expect(offered('completion', 'z')).toEqual(['zsh']);
    expect(offered('get', 'data')).toEqual(['dataset']);
    expect(offered('apply', '-f', 'data')).toEqual(['dataset.yaml']);
    expect(offered('up', '--residents', '')).toEqual([]);
  });

  it('takes the value of an option for no command', () => {
    expect(offered('--unknown', 'agent', '')).toContain('pause');
    expect(offered('agent', 'status', '--source', 'pause', '--o')).toEqual(['--output']);
  });

  it.each(['zsh', 'fish'])('writes a script that %s takes', async (shell) => {
    const { code, out } = await line.run('completion', shell);
    expect(code).toBe(0);
    for (const word of ['/agent/pause', 'describe', 'residents', 'schema']) expect(out).toContain(word);
    const file = join(line.directory, `completion.${shell}`);
    writeFileSync(file, out);
    const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    // Only a machine that has the shell can tell.
    if (error === undefined) expect([status, stderr]).toEqual([0, '']);
  });

  it('knows no other shell', async () => {
    expect(await line.run('completion', 'csh')).toMatchObject({ code: 3, err: expect.stringMatching(/bash, zsh, fish/) as string });
  });
});
