import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackboneFacts } from './backbone-facts.js';

const defaults = { residents: 100_000, seed: 7, division: 'invented' } as const;
const nothing = { residents: null, seed: null };

describe('the facts of a data directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'truc-facts-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps what it was made with, and the steps that are done', () => {
    const first = BackboneFacts.open(directory, defaults, { residents: 500, seed: null });
    first.add('databases');
    first.add('databases');
    const second = BackboneFacts.open(directory, { ...defaults, division: 'reference' }, nothing);
    expect(second.wish).toMatchObject({ residents: 500, seed: 7, division: 'invented' });
    expect(second.has('databases')).toBe(true);
    expect(second.has('sources')).toBe(false);
  });

  it('refuses another world by name, and says how to get it', () => {
    BackboneFacts.open(directory, defaults, nothing);
    expect(() => BackboneFacts.open(directory, defaults, { residents: 5, seed: null })).toThrow(/--residents 100000, not 5.*--fresh/);
    expect(BackboneFacts.open(directory, defaults, { residents: 100_000, seed: 7 }).wish.residents).toBe(100_000);
  });

  it('says what to do about a file that it cannot understand', () => {
    writeFileSync(join(directory, 'backbone.json'), '{"residents":');
    expect(() => BackboneFacts.open(directory, defaults, nothing)).toThrow(/--fresh/);
  });
});
