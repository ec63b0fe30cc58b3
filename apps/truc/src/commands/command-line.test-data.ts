import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveContext } from '../context-file.js';
import { runProgram } from '../program.js';

export interface AskedRequest {
  /** `GET /v1/status`. */
  readonly what: string;
  readonly authorization: string | undefined;
  readonly language: string | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- judged by what it holds
  readonly body: any;
}

/** `truc` in a directory of its own, with a platform that answers as a test says: by `GET /v1/status`, with 404 where it says nothing. */
export class CommandLine {
  readonly directory = mkdtempSync(join(tmpdir(), 'truc-cli-'));
  readonly asked: AskedRequest[] = [];
  answers: Record<string, { readonly status?: number; readonly body: unknown }> = {};
  #server: Server | null = null;

  async open(): Promise<void> {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const what = `${request.method} ${request.url}`;
        const { authorization, 'accept-language': language } = request.headers;
        this.asked.push({ what, authorization, language, body: body === '' ? null : JSON.parse(body) });
        const { status = 200, body: answer } = this.answers[what] ?? {
          status: 404,
          body: { code: 'PLATFORM_NOT_FOUND', message: `no ${what}` },
        };
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server?.once('listening', resolve));
    const platformUrl = this.url;
    const file = join(this.directory, '.truc', 'context.json');
    saveContext(file, 'other', { platformUrl, registryUrl: platformUrl, token: 'token-of-other' });
    saveContext(file, 'local', { platformUrl, registryUrl: platformUrl, token: 'token-of-local' });
  }

  /** Of the platform, and of the registry. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  async run(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const written = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({ write: (text: string) => void (written[name] += text) }) as unknown as NodeJS.WriteStream;
    const contextPlaces = { named: undefined, workingDirectory: this.directory, home: join(this.directory, 'home') };
    const code = await runProgram(args, { output: stream('out'), errors: stream('err'), contextPlaces, language: 'en' });
    return { code, ...written };
  }

  close(): void {
    this.#server?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
