// What of the checkout runs at other places: built rooms, the packages that they need there, and the schemas. Nothing of it compiles, tests or is for another machine.
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Declarations, source maps, readmes and tests of packages; licences stay. */
const idle = /\.(ts|mts|cts|map|md|markdown|flow|tsbuildinfo)$|\.(test|spec)\.[cm]?js$/i;
/** Folders at the top of packages that only their authors use; those below `node_modules` are packages by themselves. */
const idleFolders = new Set([
  '.github',
  '.vscode',
  'test',
  'tests',
  '__tests__',
  'bench',
  'benchmark',
  'benchmarks',
  'example',
  'examples',
  'node_modules',
]);
const licence = /^(licen[cs]e|copying|notice)/i;
/** A room's sources are built into dist; what tests share is not for elsewhere. */
const roomFolders = new Set(['src', 'node_modules', 'test-data', 'test-vectors']);

const byName = (a, b) => (a.path < b.path ? -1 : 1);

/** Every file below `folder`, by its path from there, in the order of names. Symbolic links are left out: npm's are made anew. */
function filesBelow(folder, isWanted, at = '') {
  return readdirSync(join(folder, at), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (!isWanted(entry, path)) return [];
      if (entry.isDirectory()) return filesBelow(folder, isWanted, path);
      return entry.isFile() ? [path] : [];
    });
}

/**
 * The packages of a production install, by their path: those of package-lock.json that are not for development, but for the databases of local stacks. What is for another
 * platform is not on this disk.
 */
export function productionPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const stackOnly = new Set(Object.keys(packages[''].optionalDependencies ?? {}).map((name) => `node_modules/${name}`));
  return Object.entries(packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.link && !entry.dev && !entry.devOptional && !stackOnly.has(path))
    .map(([path]) => path)
    .filter((path) => existsSync(join(root, path, 'package.json')))
    .toSorted();
}

/** The rooms that these apps are made of, by their folder: themselves, and every room that is imported from there. */
export function roomsOf(root, apps) {
  const found = new Map();
  const add = (room) => {
    if (found.has(room)) return;
    if (!existsSync(join(root, room, 'dist')))
      throw new Error(
        `${room} is not built: "npm run build" builds it; if it is no room of the checkout, something imports what is not there`,
      );
    const files = filesBelow(join(root, room, 'dist'), () => true).filter((file) => file.endsWith('.js'));
    const imported = files.flatMap((file) =>
      [...readFileSync(join(root, room, 'dist', file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"]@truc\/([a-z-]+)['"]/g)].map(
        ([, name]) => name,
      ),
    );
    found.set(room, imported);
    for (const name of imported) add(`libs/${name}`);
  };
  for (const app of apps) add(`apps/${app}`);
  return [...found.keys()].toSorted();
}

/**
 * Every file and link of the product, by its path there, in the order of names.
 * @param apps rooms under apps/
 * @returns {{ path: string, mode: number, source?: string, link?: string }[]} `source` is a file on this disk, `link` where a symbolic link points
 */
export function productFiles(root, apps) {
  const rooms = roomsOf(root, apps);
  const ofFile = (path) => ({ path, mode: lstatSync(join(root, path)).mode & 0o111 ? 0o755 : 0o644, source: join(root, path) });
  const ofRoom = (room) =>
    filesBelow(join(root, room), (entry, path) => !roomFolders.has(path) && !path.endsWith('.test-data.js')).map((file) =>
      ofFile(`${room}/${file}`),
    );
  const ofPackage = (folder) =>
    filesBelow(join(root, folder), ({ name }, path) => !idleFolders.has(path) && (!idle.test(name) || licence.test(name))).map((file) =>
      ofFile(`${folder}/${file}`),
    );
  const links = rooms.map((room) => ({ path: `node_modules/@truc/${room.split('/')[1]}`, mode: 0o777, link: `../../${room}` }));
  const others = filesBelow(join(root, 'schemas'), () => true).map((file) => ofFile(`schemas/${file}`));
  return [...rooms.flatMap(ofRoom), ...productionPackages(root).flatMap(ofPackage), ...links, ...others, ofFile('LICENSE')].toSorted(
    byName,
  );
}
