// One file for an agency's server: Node, the agent node, the command line, a systemd unit, an example configuration and how to install it.
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { productFiles } from './product-files.mjs';
import { tarArchive } from './tar-archive.mjs';

const apps = ['agent-node', 'truc'];

/** Files of deploy/agent and their places in the archive. */
const given = {
  'truc.sh': { path: 'bin/truc', mode: 0o755 },
  'truc-agent.service': { path: 'systemd/truc-agent.service', mode: 0o644 },
  'agent-node.json': { path: 'etc/agent-node.json', mode: 0o644 },
  'agent.env': { path: 'etc/agent.env', mode: 0o644 },
  'INSTALL.md': { path: 'INSTALL.md', mode: 0o644 },
  'CAI-DAT.md': { path: 'CAI-DAT.md', mode: 0o644 },
};

export function archiveName(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return `truc-agent-${version}-${process.platform}-${process.arch}`;
}

/** What stands in the archive, below one folder of its name. Node is the locked one, which runs this. */
export function archiveEntries(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const facts = { name: 'truc-agent', version, node: process.versions.node, platform: process.platform, architecture: process.arch };
  const entries = [
    { path: 'bin/node', mode: 0o755, source: realpathSync(process.execPath) },
    ...Object.entries(given).map(([file, place]) => ({ ...place, source: join(root, 'deploy/agent', file) })),
    { path: 'LICENSE', mode: 0o644, source: join(root, 'LICENSE') },
    { path: 'archive.json', mode: 0o644, content: `${JSON.stringify(facts, null, 2)}\n` },
    ...productFiles(root, apps).map((file) => ({ ...file, path: `app/${file.path}` })),
  ];
  const folder = archiveName(root);
  return entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` })).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Writes the archive and, beside it, its SHA-256 as `sha256sum -c` reads it. The same checkout makes the same bytes.
 * @returns path, digest and size in bytes
 */
export async function packageAgent(root, directory) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${archiveName(root)}.tar.gz`);
  const draft = `${path}.draft`;
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(tarArchive(archiveEntries(root)), createGzip({ level: 6 }), counted, createWriteStream(draft));
  renameSync(draft, path);
  const digest = hash.digest('hex');
  writeFileSync(`${path}.sha256`, `${digest}  ${basename(path)}\n`);
  return { path, digest, bytes };
}

export async function main(root, args) {
  const { values } = parseArgs({ args, options: { output: { type: 'string', default: '.truc/packages' } } });
  const { path, digest, bytes } = await packageAgent(root, resolve(root, values.output));
  console.log(`${path}\n${(bytes / 1024 / 1024).toFixed(0)} MiB, SHA-256 ${digest}`);
}
