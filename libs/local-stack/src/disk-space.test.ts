import { tmpdir } from 'node:os';
import { checkDiskSpace, lackOfSpace } from './disk-space.js';

describe('disk space', () => {
  it('is enough for one byte and not for 2^60', async () => {
    await checkDiskSpace(tmpdir(), 'Kafka', 1);
    const refusal = checkDiskSpace(tmpdir(), 'Kafka', 2 ** 60);
    await expect(refusal).rejects.toMatchObject({ code: 'STACK_DISK_FULL' });
    await expect(refusal).rejects.toThrow(`Kafka needs 1099511627776 MiB of free disk space at ${tmpdir()}`);
  });

  it('is not said to be lacking where there is some, nor where nobody can tell', () => {
    expect(lackOfSpace(tmpdir())).toBeNull();
    expect(lackOfSpace('/nowhere')).toBeNull();
    // No disk that could be written to: 0 bytes in all.
    expect(lackOfSpace('/proc')).toBe(process.platform === 'linux' ? 'only 0 MiB are free at /proc' : null);
  });
});
