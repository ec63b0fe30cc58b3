import { connect, type Socket } from 'node:net';
import { TrucError } from '@truc/kernel';
import { AnswerReader } from './http-answer.js';

/** Longest wait for one answer, in milliseconds. */
const answerMsMax = 30_000;

/** What one run of requests is to be. */
export interface HttpLoadOptions {
  readonly port: number;
  /** Each sends its next request when the last one is answered. */
  readonly connections: number;
  /** The bytes of the next request; null where there is none any more. */
  readonly next: () => Buffer | null;
  /** Ends the run; requests that are under way are still answered. */
  readonly seconds?: number;
  /** Told of each body of an answer, in any order. */
  readonly onAnswer?: (body: Buffer) => void;
  readonly signal: AbortSignal;
}

export interface HttpLoadMeasure {
  readonly answers: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds from the last byte that was sent to the last that came; of all answers. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Asks a server of this machine as fast as it answers, over connections that stay.
 * @throws TrucError BENCH_HTTP where an answer is not 200, or does not come; the signal's reason
 */
export async function httpLoad(options: HttpLoadOptions): Promise<HttpLoadMeasure> {
  const latencies: number[] = [];
  const sockets = await Promise.all(Array.from({ length: options.connections }, () => connected(options.port)));
  const startedAt = performance.now();
  const endsAt = options.seconds === undefined ? Infinity : startedAt + options.seconds * 1_000;
  const giveUp = (): void => sockets.forEach((socket) => socket.destroy());
  options.signal.addEventListener('abort', giveUp);
  try {
    options.signal.throwIfAborted();
    await Promise.all(sockets.map((socket) => askAll(socket, options, endsAt, latencies)));
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    options.signal.removeEventListener('abort', giveUp);
    giveUp();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const sorted = Float64Array.from(latencies).sort();
  const share = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { answers: sorted.length, seconds, perSecond: sorted.length / seconds, p50: share(0.5), p99: share(0.99) };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function askAll(socket: Socket, { next, onAnswer }: HttpLoadOptions, endsAt: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader();
    let sentAt = 0;
    const ask = (): void => {
      const request = performance.now() < endsAt ? next() : null;
      if (request === null) return resolve();
      sentAt = performance.now();
      socket.write(request);
    };
    const fail = (what: string): void => reject(new TrucError('BENCH_HTTP', what));
    socket.setTimeout(answerMsMax, () => fail(`no answer came within ${answerMsMax / 1_000} s`));
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => fail('the server closed a connection'));
    socket.on('data', (bytes) => {
      const answer = reader.take(bytes);
      if (answer === null) return;
      latencies.push(performance.now() - sentAt);
      if (answer.status !== 200) return fail(`answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 300)}`);
      onAnswer?.(answer.body);
      ask();
    });
    ask();
  });
}
