import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ClientError, type ClientAnswer, type ClientUnderTest, type Question } from './client-under-test.test-data.js';

const toldCharsMax = 8_000;

/** A client in a program of its own language, which answers a line of JSON for each: what was asked, or `error` with `kind`, `status`, `code` and `message`. */
export class ClientProgram implements ClientUnderTest {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve(answer: ClientAnswer): void; reject(error: Error): void }[] = [];
  readonly #ended: Promise<void>;
  #told = '';
  #hasEnded = false;

  constructor(command: string, args: readonly string[], environment: Record<string, string | undefined>, workingDirectory?: string) {
    this.#process = spawn(command, args, { env: environment as NodeJS.ProcessEnv, ...(workingDirectory && { cwd: workingDirectory }) });
    createInterface(this.#process.stdout).on('line', (line) => this.#take(line));
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#told = (this.#told + chunk.toString()).slice(-toldCharsMax)));
    this.#process.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#hasEnded = true;
        for (const { reject } of this.#waiting.splice(0)) reject(this.#gone());
        resolve();
      };
      this.#process.once('error', (error) => {
        this.#told += error.message;
        end();
      });
      this.#process.once('close', end);
    });
  }

  ask(question: Question): Promise<ClientAnswer> {
    if (this.#hasEnded) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }

  #take(line: string): void {
    const { resolve, reject } = this.#waiting.shift() ?? {};
    const answer = JSON.parse(line) as ClientAnswer;
    const { error } = answer;
    if (error === undefined) resolve?.(answer);
    else reject?.(new ClientError(error.kind, error.status, error.code, error.message));
  }

  #gone(): Error {
    return new Error(`the program of the client has ended: ${this.#told}`);
  }
}
