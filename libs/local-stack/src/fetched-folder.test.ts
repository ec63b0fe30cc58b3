import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchedFolder } from './fetched-folder.js';

describe('a folder that is fetched once', () => {
  let cacheDirectory: string;
  let fetches: number;
  beforeEach(() => {
    cacheDirectory = mkdtempSync(join(tmpdir(), 'truc-fetched-'));
    fetches = 0;
  });
  afterEach(() => rmSync(cacheDirectory, { recursive: true, force: true }));

  const wanted = (digest: string) => ({ name: 'thing-1', cacheDirectory, digest, what: 'the fetch of a thing', neededMebibytes: 0 });
  const fill = async (draft: string): Promise<void> => {
    fetches += 1;
    writeFileSync(join(draft, 'thing'), `of fetch ${fetches}`);
  };

  it('is there afterwards, and is not fetched again', async () => {
    const directory = await fetchedFolder(wanted('a'), fill);
    expect(await fetchedFolder(wanted('a'), fill)).toBe(directory);
    expect([fetches, readFileSync(join(directory, 'thing'), 'utf8')]).toEqual([1, 'of fetch 1']);
  });

  it('is fetched anew when something else is pinned', async () => {
    await fetchedFolder(wanted('a'), fill);
    const directory = await fetchedFolder(wanted('b'), fill);
    expect(readFileSync(join(directory, 'thing'), 'utf8')).toBe('of fetch 2');
    expect(readdirSync(cacheDirectory)).toEqual(['thing-1']);
  });

  it('is not there where the fetch failed, and is fetched the next time', async () => {
    const failing = async (draft: string): Promise<void> => {
      await fill(draft);
      throw new Error('the network is away');
    };
    await expect(fetchedFolder(wanted('a'), failing)).rejects.toThrow('the network is away');
    expect(readdirSync(cacheDirectory)).toEqual([]);
    expect(existsSync(await fetchedFolder(wanted('a'), fill))).toBe(true);
  });

  it('does not keep what a killed process left half-way', async () => {
    const left = join(cacheDirectory, 'thing-1.999999999.draft');
    const running = join(cacheDirectory, `thing-1.${process.pid}.draft`);
    for (const directory of [left, running]) mkdirSync(directory);
    await fetchedFolder(wanted('a'), fill);
    expect([existsSync(left), existsSync(running)]).toEqual([false, true]);
  });
});
