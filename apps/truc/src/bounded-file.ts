import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** A file's bytes, and one byte more than are wanted where it has more: a file of any size, and a device without end, cost no more than that. @throws what the system says */
export function boundedFile(path: string, bytesWanted: number): Buffer {
  const found = statSync(path);
  const content = Buffer.alloc((found.isFile() ? Math.min(bytesWanted, found.size) : bytesWanted) + 1);
  const descriptor = openSync(path, 'r');
  try {
    let length = 0;
    for (let more = -1; more !== 0 && length < content.length; length += more) {
      more = readSync(descriptor, content, length, content.length - length, null);
    }
    return content.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
