/** The pages for administrators of sources say what the code does. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Fault } from './fault.js';
import { compileTransform } from './row-steps.js';
import { parseTransform, transformOps } from './transform.js';

const docs = new URL('../../../docs/', import.meta.url);

interface Documented {
  readonly transform: unknown;
  readonly example: Record<string, string | null>;
  readonly becomes: unknown;
  readonly refused: Record<string, string | null> | null;
  readonly reason: string;
}

/** Rows of the table after the mark; code stands between backticks and is YAML. */
function documented(file: string): Documented[] {
  const table = readFileSync(new URL(file, docs), 'utf8').split('<!-- transforms -->')[1] ?? '';
  const yaml = (cell: string | undefined): unknown => (cell === undefined || cell === '' ? null : parse(cell.slice(1, -1)));
  return [...table.matchAll(/^\| (`\{ ?op: .*) \|$/gm)].map(([, row = '']) => {
    const [transform, example, becomes, refused, reason = ''] = row.split(' | ').map((cell) => cell.trim());
    return { transform: yaml(transform), example: yaml(example), becomes: yaml(becomes), refused: yaml(refused), reason } as Documented;
  });
}

function run(transform: unknown, row: Record<string, string | null>): unknown {
  const names = Object.keys(row);
  const compiled = compileTransform(transform, names[0] ?? '', 'docs');
  const text = compiled.bind((name) => names.indexOf(name))(Object.values(row));
  return typeof text === 'string' && compiled.list !== null ? compiled.list(text) : text;
}

describe.each(['mapping.md', 'mapping.vi.md'])('docs/%s', (file) => {
  const rows = documented(file);

  it('lists every operation, once, and no other', () => {
    expect(rows.flatMap(({ transform }) => parseTransform(transform, file).map(({ op }) => op)).toSorted()).toEqual(
      transformOps.toSorted(),
    );
    const told = readFileSync(new URL(file, docs), 'utf8').matchAll(/^- `([a-zA-Z]+)` /gm);
    for (const [, op] of told) expect(transformOps).toContain(op);
  });

  it.each(rows)('$transform does to $example what it says', ({ transform, example, becomes, refused, reason }) => {
    expect(run(transform, example)).toEqual(becomes);
    if (refused === null) return;
    const fault = run(transform, refused);
    expect(fault instanceof Fault ? fault.reason : fault).toBe(reason);
  });
});
