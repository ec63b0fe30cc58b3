import { tmpdir } from 'node:os';
import { checkDiskSpace } from './disk-space.js';

describe('disk space', () => {
  it('is enough for one byte and not for 2^60', async () => {
    await checkDiskSpace(tmpdir(), 'Kafka', 1);
    const refusal = checkDiskSpace(tmpdir(), 'Kafka', 2 ** 60);
    await expect(refusal).rejects.toMatchObject({ code: 'STACK_DISK_FULL' });
    await expect(refusal).rejects.toThrow(tmpdir());
  });
});
