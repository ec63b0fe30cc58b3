import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';

/** Where it is written down what each version of a shipped entry of the dictionary means. */
const recordFile = join(import.meta.dirname, 'shipped-dictionary.json');
const dictionary = join(import.meta.dirname, '../schemas/dictionary');

/** Fields that say how an entry stands, and not what it is: they change without a version. */
const standing = new Set(['version', 'status', 'steward']);

/** Of every entry of the shipped YAML its version and a digest of what it says, by id. */
export function shippedEntries(directory = dictionary) {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
  return entriesOf(paths.toSorted().map((path) => parse(readFileSync(join(directory, path), 'utf8'))));
}

export function entriesOf(documents) {
  const entries = documents.flatMap(({ concepts = [], elements = [], valueDomains = [], codeList }) => [
    ...concepts,
    ...elements,
    ...valueDomains,
    ...(codeList === undefined ? [] : [codeList]),
  ]);
  const described = entries.map((entry) => [entry.id, { version: entry.version ?? '1.0.0', digest: digestOf(entry) }]);
  return Object.fromEntries(described.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function recordedEntries() {
  return JSON.parse(readFileSync(recordFile, 'utf8'));
}

/** What stores that applied an earlier state of the entries would refuse: another meaning under the same or a lower version, and what is gone. */
export function refusedChanges(recorded, now) {
  return Object.entries(recorded).flatMap(([id, before]) => {
    const after = now[id];
    if (after === undefined) return [`${id} is gone: an entry is retired and never removed`];
    const order = compareVersions(after.version, before.version);
    if (order < 0) return [`${id}: its version goes back from ${before.version} to ${after.version}`];
    return order === 0 && after.digest !== before.digest ? [`${id} changed: raise its version above ${before.version}`] : [];
  });
}

function digestOf(entry) {
  return createHash('sha256').update(canonical(entry)).digest('hex').slice(0, 16);
}

/** JSON with its fields in order; what is null or empty is what is left out. */
function canonical(value, isEntry = true) {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, false)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([name, item]) => !(isEntry && standing.has(name)) && item !== null && !(Array.isArray(item) && item.length === 0))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, false)}`).join(',')}}`;
}

function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const now = shippedEntries();
  const refused = refusedChanges(recordedEntries(), now);
  if (refused.length > 0) {
    process.stderr.write(`${refused.join('\n')}\n`);
    process.exitCode = 2;
  } else {
    const lines = Object.entries(now).map(
      ([id, entry]) => `  ${JSON.stringify(id)}: { "version": "${entry.version}", "digest": "${entry.digest}" }`,
    );
    writeFileSync(recordFile, `{\n${lines.join(',\n')}\n}\n`);
    process.stdout.write(`${lines.length} entries are written down\n`);
  }
}
