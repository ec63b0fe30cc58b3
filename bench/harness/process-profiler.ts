import { TrucError } from '@truc/kernel';
import { freePort } from '@truc/local-stack';
import { z } from 'zod';
import { cpuProfile, type CpuProfile } from './cpu-profile.js';

const answered = z.object({ id: z.number(), result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });
const targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);

/** Takes CPU profiles of another Node process for as long as one asks, over the inspector that its flags open on this machine. */
export class ProcessProfiler {
  /** For the process's start. */
  readonly nodeFlags: readonly string[];
  readonly #port: number;
  #socket: WebSocket | null = null;
  #asked = 0;

  private constructor(port: number) {
    this.#port = port;
    this.nodeFlags = [`--inspect=127.0.0.1:${port}`];
  }

  static async create(): Promise<ProcessProfiler> {
    return new ProcessProfiler(await freePort());
  }

  async start(): Promise<void> {
    if (this.#socket === null) {
      const [target] = targets.parse(await (await fetch(`http://127.0.0.1:${this.#port}/json/list`)).json());
      const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener('open', () => resolve(), { once: true });
        socket.addEventListener('error', () => reject(new TrucError('BENCH_PROFILE', 'the inspector of the agent does not answer')), {
          once: true,
        });
      });
      this.#socket = socket;
      await this.#ask(socket, 'Profiler.enable');
    }
    await this.#ask(this.#socket, 'Profiler.start');
  }

  /** What happened since `start`. @throws TrucError BENCH_PROFILE */
  async stop(): Promise<CpuProfile> {
    if (this.#socket === null) throw new TrucError('BENCH_PROFILE', 'no profile was begun');
    return z.object({ profile: cpuProfile }).parse(await this.#ask(this.#socket, 'Profiler.stop')).profile;
  }

  close(): void {
    this.#socket?.close();
  }

  #ask(socket: WebSocket, method: string): Promise<unknown> {
    const id = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        socket.removeEventListener('message', hear);
        socket.removeEventListener('close', lost);
      };
      const lost = (): void => {
        end();
        reject(new TrucError('BENCH_PROFILE', `the agent's inspector went away at ${method}`));
      };
      const hear = ({ data }: MessageEvent): void => {
        const answer = answered.safeParse(JSON.parse(String(data)));
        if (!answer.success || answer.data.id !== id) return;
        end();
        const { error, result } = answer.data;
        if (error === undefined) resolve(result);
        else reject(new TrucError('BENCH_PROFILE', `the agent's inspector refuses ${method}: ${error.message}`));
      };
      socket.addEventListener('message', hear);
      socket.addEventListener('close', lost);
      socket.send(JSON.stringify({ id, method }));
    });
  }
}
