import { Worker } from 'node:worker_threads';
import type { DocumentFile } from '@truc/coordination';
import { Planning } from './planning.js';

const agency: DocumentFile = { path: 'a.yaml', text: 'agency: {code: G01, name: {vi: a, en: a}}\n' };
const nothing = { documents: [], release: null, open: [], isDictionaryOnly: false, language: 'en' } as const;

const limits = { taskMsMax: 60_000, waitingMax: 32, waitingOfOneMax: 32 };
const stored = { number: 1, content: '{}' };
/** Threads that answer with the task's name, and not at all. */
const echo =
  "const { parentPort } = require('node:worker_threads'); parentPort.on('message', ({ task }) => parentPort.postMessage({ output: task }));";
const deaf = "require('node:worker_threads').parentPort.on('message', () => {});";

describe('planning in a thread', () => {
  let planning: Planning;
  afterEach(() => planning.close());

  it('answers as the function does, one task after the other', async () => {
    planning = new Planning();
    const broken = { ...agency, text: 'agency: {code: 1}' };
    const [good, bad] = await Promise.all([
      planning.run('a', 'apply', { ...nothing, files: [agency] }),
      planning.run('a', 'apply', { ...nothing, files: [broken] }),
    ]);
    expect(good).toMatchObject({
      plan: { created: ['agency/G01'], save: [{ kind: 'agency', name: 'G01' }], newRelease: null, proposed: null },
    });
    expect(bad).toMatchObject({ problems: expect.arrayContaining([expect.objectContaining({ code: 'DOCUMENT_TYPE_TEXT' })]) as unknown });
  });

  it('tells an error with its code', async () => {
    planning = new Planning();
    const broken = { number: 1, content: '{"elements": 1}' };
    await expect(planning.run('a', 'content', broken)).rejects.toMatchObject({ code: 'DICTIONARY_RELEASE_INVALID' });
    await expect(planning.run('a', 'content', { number: 1, content: 'no JSON' })).rejects.toThrow(/JSON/);
  });

  it('gives up a task that takes too long, by name, and does the next one in a new thread', async () => {
    const threads: Worker[] = [];
    planning = new Planning({ ...limits, taskMsMax: 3000 }, () => {
      threads.push(new Worker(threads.length === 0 ? deaf : echo, { eval: true }));
      return threads.at(-1)!;
    });
    const [first, second] = await Promise.allSettled([1, 2].map(() => planning.run('a', 'content', stored)));
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'PLATFORM_DOCUMENTS_TOO_COSTLY' } });
    expect(second).toEqual({ status: 'fulfilled', value: 'content' });
    expect(threads).toHaveLength(2);
  }, 30_000);

  it('turns away what would wait behind too many, of everybody or of the same principal', async () => {
    planning = new Planning({ ...limits, waitingMax: 3, waitingOfOneMax: 2 }, () => new Worker(echo, { eval: true }));
    const ask = (by: string) => planning.run(by, 'content', stored);
    const settled = await Promise.allSettled(['a', 'a', 'a', 'b', 'c'].map(ask));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'rejected']);
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'PLATFORM_NOT_READY' });
    await expect(ask('a')).resolves.toBe('content');
  });

  it('starts nothing for what waits when it is closed', async () => {
    let threads = 0;
    planning = new Planning(limits, () => {
      threads++;
      return new Worker(deaf, { eval: true });
    });
    const tasks = Promise.allSettled([1, 2].map(() => planning.run('a', 'content', stored)));
    await new Promise((resolve) => setImmediate(resolve));
    await planning.close();
    const codes = (await tasks).map((one) => one.status === 'rejected' && (one.reason as { code: unknown }).code);
    expect(codes).toEqual(['PLATFORM_PLANNING_FAILED', 'PLATFORM_NOT_READY']);
    expect(threads).toBe(1);
  });

  it('goes on with the same thread after what cannot be sent to it', async () => {
    const threads: Worker[] = [];
    planning = new Planning(limits, () => {
      threads.push(new Worker(echo, { eval: true }));
      return threads.at(-1)!;
    });
    await planning.run('a', 'content', stored);
    const before = threads[0]!.listenerCount('message');
    const unsendable = { number: 1, content: (() => '') as unknown as string };
    await expect(planning.run('a', 'content', unsendable)).rejects.toMatchObject({ code: 'PLATFORM_PLANNING_FAILED' });
    expect(threads[0]!.listenerCount('message')).toBe(before);
    await expect(planning.run('a', 'content', stored)).resolves.toBe('content');
    expect(threads).toHaveLength(1);
  });
});
