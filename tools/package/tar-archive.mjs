// Writes a tar archive (POSIX ustar with pax headers for long names) whose bytes follow from its files alone: no times, no owners, one order.
import { createReadStream, statSync } from 'node:fs';

const block = 512;

const octal = (value, length) => `${value.toString(8).padStart(length - 1, '0')}\0`;

function header({ name, mode, size, type, link = '' }) {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100);
  bytes.write(octal(mode, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(0, 12), 136);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write(link, 157, 100);
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.write('root', 265);
  bytes.write('root', 297);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

const padding = (size) => Buffer.alloc((block - (size % block)) % block);

/** `27 path=...\n`, where the number counts itself. */
function paxRecord(key, value) {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function* nameHeaders({ path, link }) {
  const records = [
    ...(Buffer.byteLength(path) > 100 ? [paxRecord('path', path)] : []),
    ...(Buffer.byteLength(link ?? '') > 100 ? [paxRecord('linkpath', link)] : []),
  ];
  if (records.length === 0) return;
  const content = Buffer.from(records.join(''));
  yield header({ name: 'PaxHeader', mode: 0o644, size: content.length, type: 'x' });
  yield content;
  yield padding(content.length);
}

/**
 * The archive as a stream of buffers.
 * @param entries {{ path: string, mode: number, source?: string, content?: string, link?: string }[]} in the order in which they are to stand
 */
export async function* tarArchive(entries) {
  for (const entry of entries) {
    const { path, mode, source, content, link } = entry;
    yield* nameHeaders(entry);
    if (link !== undefined) {
      yield header({ name: path.slice(0, 100), mode, size: 0, type: '2', link: link.slice(0, 100) });
      continue;
    }
    const text = content === undefined ? null : Buffer.from(content);
    const size = text === null ? statSync(source).size : text.length;
    yield header({ name: path.slice(0, 100), mode, size, type: '0' });
    if (text !== null) yield text;
    else yield* createReadStream(source);
    yield padding(size);
  }
  yield Buffer.alloc(2 * block);
}
