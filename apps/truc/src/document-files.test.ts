import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documentFiles } from './document-files.js';

describe('files of documents', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'truc-files-'))));
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (name: string, content: string | Buffer): void => writeFileSync(join(directory, name), content);

  it('are read with the paths that a person would open, and nothing else of the directory', () => {
    mkdirSync(join(directory, '.git'));
    write('.git/a.yaml', 'x');
    write('b.yaml', 'tên: Nguyễn');
    write('c.csv', 'code\n');
    write('d.txt', 'x');
    expect(documentFiles(directory, directory)).toEqual([
      { path: 'b.yaml', text: 'tên: Nguyễn' },
      { path: 'c.csv', text: 'code\n' },
    ]);
  });

  it.each([
    [
      'Latin-1 in YAML',
      'a.yaml',
      Buffer.from('a: 1\nname: Nguy\xean\n', 'latin1'),
      /a\.yaml:2: byte 11 of the line, byte 16 of the file \(ea\)/,
    ],
    ['the first byte', 'a.yaml', Buffer.from([0xff, 0x61]), /a\.yaml:1: byte 1 of the line, byte 1 of the file \(ff\)/],
    ['a character that is cut off', 'a.yml', Buffer.from([0x61, 0x0a, 0xe1, 0xbb]), /a\.yml:2: byte 1 of the line/],
    ['Latin-1 in a CSV of a code list', 'a.csv', Buffer.from('code\n\xe9\n', 'latin1'), /a\.csv:2: byte 1 of the line/],
  ])('are refused for %s, at file, line and byte', (_, name, content, message) => {
    write(name, content);
    expect(() => documentFiles(directory, directory)).toThrow(
      expect.objectContaining({ code: 'APPLY_FILES_NOT_UTF8', message: expect.stringMatching(message) as string }),
    );
  });

  it('are not read beyond what may be applied at once', () => {
    for (let file = 0; file < 9; file++) write(`${file}.yaml`, Buffer.alloc(1024 * 1024, '#'));
    expect(() => documentFiles(directory, directory)).toThrow(expect.objectContaining({ code: 'APPLY_FILES_TOO_LARGE' }));
    expect(() => documentFiles('/dev/zero', directory)).toThrow(expect.objectContaining({ code: 'APPLY_FILES_TOO_LARGE' }));
  });

  it('have to be there', () => {
    expect(() => documentFiles(directory, directory)).toThrow(expect.objectContaining({ code: 'APPLY_FILES_NONE' }));
    expect(() => documentFiles(join(directory, 'no'), directory)).toThrow(expect.objectContaining({ code: 'APPLY_FILES_UNREADABLE' }));
  });
});
