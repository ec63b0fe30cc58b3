import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAppReady, startNodeApp } from './node-app.js';
import { freePort } from './port.js';

/** Answers 503 to the first question and 200 from then on; shows what it was started with. */
const app = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
console.log(JSON.stringify({ arguments: process.argv.slice(2), environment: Object.keys(process.env).sort(), version: process.version }));
const { port } = JSON.parse(readFileSync(process.argv[3], 'utf8'));
let asked = 0;
createServer((request, response) => {
  response.statusCode = request.url === '/health/ready' && ++asked > 1 ? 200 : 503;
  response.end();
}).listen(port, '127.0.0.1');
`;

describe('an app of ours', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'truc-app-'));
  const configFile = join(checkout, 'probe.json');
  const logFile = join(checkout, 'probe.log');
  beforeAll(() => {
    mkdirSync(join(checkout, 'apps/probe/dist'), { recursive: true });
    writeFileSync(join(checkout, 'apps/probe/dist/main.js'), app);
    writeFileSync(join(checkout, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(checkout, { recursive: true }));

  it('runs under our Node with its configuration and nothing of our environment, until it is ready', async () => {
    const port = await freePort();
    writeFileSync(configFile, JSON.stringify({ port }));
    const started = await startNodeApp({ name: 'probe', configFile, port, logFile, checkout, environment: { SECRET: 'x' } });
    try {
      expect(await isAppReady(started.url)).toBe(true);
      expect(JSON.parse(readFileSync(logFile, 'utf8'))).toEqual({
        arguments: ['--config', configFile],
        environment: ['PATH', 'SECRET'],
        version: process.version,
      });
    } finally {
      await started.stop();
    }
    expect(await isAppReady(started.url)).toBe(false);
  });

  it('that cannot start is told of in one sentence, with the log that says why', async () => {
    writeFileSync(configFile, 'not JSON');
    const failing = startNodeApp({ name: 'probe', configFile, port: await freePort(), logFile, checkout });
    await expect(failing).rejects.toMatchObject({
      code: 'STACK_CHILD_EXITED',
      message: `probe ended with code 1: its log, ${logFile}, says why; mend that and start again`,
    });
    expect(readFileSync(logFile, 'utf8')).toContain('not valid JSON');
  });

  it('is not taken for ready because somebody else answers on its port', async () => {
    const port = await freePort();
    const other = createServer((_request, response) => response.end()).listen(port, '127.0.0.1');
    await expect(startNodeApp({ name: 'probe', configFile, port, logFile, checkout })).rejects.toMatchObject({ code: 'STACK_PORT_BUSY' });
    await new Promise((resolve) => other.close(resolve));
  });
});
