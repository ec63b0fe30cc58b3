import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runService, type Service, type ServiceProcess } from './service-process.js';

const configuration = z.strictObject({ port: z.int() });

describe('the life of an app as a process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-service-'));
  const file = join(directory, 'config.json');
  let env: Record<string, string>;
  let codes: number[];
  let said: string;
  let signals: Map<string, () => void>;

  beforeEach(() => {
    [env, codes, said, signals] = [{}, [], '', new Map()];
    writeFileSync(file, '{"port": 1}');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const started = (args: readonly string[], start: Service<{ port: number }>['start']): Promise<void> => {
    const process: ServiceProcess = {
      argv: ['node', 'main.js', ...args],
      env,
      cwd: () => directory,
      stderr: { write: (text) => (said += text) },
      once: (signal, listener) => signals.set(signal, listener),
      exit: (code) => codes.push(code),
    };
    return runService(process, { name: 'distributor', configuration, start });
  };
  const ended = async (): Promise<void> => {
    while (codes.length === 0) await new Promise((resolve) => setImmediate(resolve));
  };

  it('says how it is started when no configuration is named', async () => {
    await started([], () => Promise.reject(new Error('not to be started')));
    expect(codes).toEqual([3]);
    expect(said).toMatch(/^usage: distributor --config FILE, or .*TRUC__PORT/);
  });

  it('needs no file where the environment tells', async () => {
    env = { TRUC__PORT: '7' };
    let port = 0;
    await started([], async (told) => ({ close: async () => void (port = told.port) }));
    signals.get('SIGTERM')?.();
    await ended();
    expect([codes, port]).toEqual([[0], 7]);
  });

  it('does not call it a failure when a start is given up at a signal', async () => {
    const running = started(
      ['--config', file],
      (_, stop) => new Promise((_resolve, reject) => stop.addEventListener('abort', () => reject(new Error('given up')))),
    );
    signals.get('SIGTERM')?.();
    await running;
    await ended();
    expect([codes, said]).toEqual([[0], '']);
  });

  it('ends in order at a signal', async () => {
    const closed: number[] = [];
    await started(['--config', file], async ({ port }) => ({ close: async () => void closed.push(port) }));
    expect(codes).toEqual([]);
    signals.get('SIGTERM')?.();
    await ended();
    expect([codes, closed]).toEqual([[0], [1]]);
  });

  it('ends in order what was still starting at the signal', async () => {
    let isOpen!: () => void;
    let isClosed = false;
    const running = started(['--config', file], async () => {
      await new Promise<void>((resolve) => (isOpen = resolve));
      return { close: async () => void (isClosed = true) };
    });
    signals.get('SIGINT')?.();
    isOpen();
    await running;
    await ended();
    expect([codes, isClosed]).toEqual([[0], true]);
  });

  it.each([
    ['cannot start', () => Promise.reject(new Error('no port')), 'no port'],
    ['cannot end', () => Promise.resolve({ close: () => Promise.reject(new Error('stuck')) }), 'stuck'],
  ])('says why when it %s', async (_, start, reason) => {
    await started(['--config', file], start);
    signals.get('SIGTERM')?.();
    await ended();
    expect(codes[0]).toBe(1);
    expect(said).toContain(reason);
  });

  it('says what is wrong with its configuration', async () => {
    writeFileSync(file, '{"port": "x"}');
    await started(['--config', file], () => Promise.reject(new Error('not to be started')));
    expect(codes).toEqual([1]);
    expect(said).toContain('port');
  });
});
