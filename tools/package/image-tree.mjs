// Lays out what a container image holds: every app, with the packages that it needs there.
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { productFiles } from './product-files.mjs';

export const imageApps = ['agent-node', 'broker-access', 'distributor', 'general-database', 'platform', 'schema-registry', 'truc'];

const given = { 'image/health-check.mjs': 'deploy/health-check.mjs', 'agent/truc.sh': 'bin/truc' };

/** @param target an empty directory, or one that is not there */
export function layOutImage(root, target) {
  const files = [
    ...productFiles(root, imageApps),
    ...Object.entries(given).map(([file, path]) => ({
      path,
      mode: file.endsWith('.sh') ? 0o755 : 0o644,
      source: join(root, 'deploy', file),
    })),
  ];
  for (const { path, mode, source, link } of files) {
    const place = join(target, path);
    mkdirSync(dirname(place), { recursive: true });
    if (link !== undefined) symlinkSync(link, place);
    else {
      copyFileSync(source, place);
      chmodSync(place, mode);
    }
  }
}

export function main(root, [target]) {
  if (target === undefined) throw new Error('npm run package:image -- DIRECTORY: name the directory that everything is to be laid out in');
  layOutImage(root, resolve(target));
}
