import { readFileSync } from 'node:fs';
import { problemCatalogue } from './problem-catalogue.js';

const docs = new URL('../../../../docs/', import.meta.url);
const known = Object.keys(problemCatalogue).filter((code) => code.startsWith('MAPPING_'));

describe.each(['mapping.md', 'mapping.vi.md'])('docs/%s', (file) => {
  it('tells of everything that a mapping can be refused for, once', () => {
    const told = [...readFileSync(new URL(file, docs), 'utf8').matchAll(/^\| `(MAPPING_[A-Z_]+)`/gm)].map(([, code]) => code);
    expect(told.toSorted()).toEqual(known.toSorted());
  });
});
