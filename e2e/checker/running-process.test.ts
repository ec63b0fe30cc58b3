import type { BackboneProcess } from '@truc/local-stack';
import { runningProcess } from './running-process.js';

describe('a process that faults are done to', () => {
  const done: string[] = [];
  const process = (pid: number | null): BackboneProcess => ({
    name: 'distributor',
    pid,
    kill: () => Promise.resolve(void done.push('kill')),
    pause: () => void done.push('pause'),
    resume: () => void done.push('resume'),
    stop: () => Promise.resolve(void done.push('stop')),
    start: () => Promise.resolve(void done.push('start')),
    expectEnd: () => void done.push('expectEnd'),
  });

  it('is killed, paused and stopped only while it runs', async () => {
    const running = runningProcess(process(7));
    await running.kill();
    running.pause();
    await running.stop();
    expect(done).toEqual(['kill', 'pause', 'stop']);
    const gone = runningProcess(process(null));
    const isGone = { code: 'CHECKER_PROCESS_GONE' };
    await expect(gone.kill()).rejects.toMatchObject(isGone);
    expect(() => gone.pause()).toThrow(expect.objectContaining(isGone));
    await expect(gone.stop()).rejects.toMatchObject(isGone);
    await gone.start();
    expect(done).toEqual(['kill', 'pause', 'stop', 'start']);
  });
});
