import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkoutRoot, installedPostgres, removeServerDirectory, startPostgres, type PostgresServer } from '@truc/local-stack';
import { blocksOf, commandsOf, guidePage } from './guide-page.test-data.js';

/** The page's own client; it does not come with `npm ci`. */
const programs = installedPostgres()
  .map(({ directory }) => join(directory, 'bin'))
  .find((directory) => existsSync(join(directory, 'psql')));
const whereThereIsPsql = programs === undefined ? describe.skip : describe;

/** Typed in twice, where psql asks for the password of the role. */
const typed = 'a-password-of-its-own\n';

/** A dozen commands, each a process that has to start: what they take depends on what else the machine does. */
const guideMs = 300_000;

interface Ran {
  readonly text: string;
  readonly code: number;
  readonly out: string;
}

whereThereIsPsql('the guide for source agencies, word by word (needs psql)', () => {
  let server: PostgresServer;
  let home: string;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'truc-guide-'));
    server = await startPostgres({ directory: join(home, 'server'), durable: false });
    symlinkSync(checkoutRoot, join(home, 'truc'));
    mkdirSync(join(home, 'bin'));
    mkdirSync(join(home, 'empty'));
    const program = `#!/bin/sh\nexec "${process.execPath}" "${join(checkoutRoot, 'bin', 'truc.mjs')}" "$@"\n`;
    writeFileSync(join(home, 'bin', 'truc'), program, { mode: 0o755 });
  });
  afterEach(async () => {
    await server.stop();
    removeServerDirectory(join(home, 'server'));
    rmSync(home, { recursive: true, force: true });
  });

  it.each(['en', 'vi'] as const)(
    'in %s: each command ends as the page says, in its order, and nothing is left',
    async (language) => {
      const blocks = blocksOf(guidePage(language));
      const commands = blocks.flatMap(commandsOf);
      // The one thing that the page tells its reader to put in.
      const address = `127.0.0.1:${server.port}/population`;
      const ran = await run(commands.map(({ text }) => text.replace('db.agency:5432/population', address)));
      expect(ran.map(({ text, code }) => ({ text, code }))).toEqual(
        commands.map(({ text, code }) => ({ text: text.replace('db.agency:5432/population', address), code })),
      );

      const out = (start: string): string[] => ran.filter(({ text }) => text.startsWith(start)).map((one) => one.out);
      expect(out('truc source check').at(-1)).toContain(language === 'en' ? 'Nothing is missing.' : 'Không thiếu gì.');
      const shown = blocks.find((block) => commandsOf(block).length === 0);
      expect(out('truc source remove').at(-1)).toContain(shown);

      const written = (file: string): string => readFileSync(join(home, 'empty', file), 'utf8');
      for (const file of ['url.txt', 'first-look.html', 'assessment.html', 'mending.sql'])
        expect(statSync(join(home, 'empty', file)).mode & 0o777).toBe(0o600);
      expect(written('assessment.html')).toContain(language === 'en' ? 'Head of the agency' : 'Thủ trưởng cơ quan');
      expect(written('mending.sql')).toMatch(/^-- /);
      expect(ran.map((one) => one.out).join('')).not.toMatch(/79085000104|Vi Phạm/);
    },
    guideMs,
  );

  /** One shell, as somebody who follows the page has one. */
  async function run(commands: readonly string[]): Promise<Ran[]> {
    const mark = '@@@ ';
    const script = commands.map((text) => `${text}\ncode=$?; printf '\\n${mark}%s\\n' $code\n`).join('');
    writeFileSync(join(home, 'page.sh'), `exec 2>&1\n${script}`);
    const child = spawn('bash', [join(home, 'page.sh')], {
      cwd: join(home, 'empty'),
      // No terminal of its own, so that psql reads what is typed from its input.
      detached: true,
      env: {
        HOME: home,
        PATH: [join(home, 'bin'), programs ?? '', '/usr/bin', '/bin'].join(':'),
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGUSER: 'postgres',
        PGPASSWORD: server.password,
      },
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stdin.end(typed + typed);
    await new Promise((resolve) => child.once('close', resolve));
    const parts = out.split(new RegExp(`^${mark}([0-9]+)\\n`, 'm'));
    return commands.map((text, index) => ({ text, out: parts[index * 2] ?? '', code: Number(parts[index * 2 + 1] ?? -1) }));
  }
});
