import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { findJava, findMaven, javaRelease } from './java-programs.js';

const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true })));

/** A PATH on which the given scripts are all there is. */
function pathWith(scripts: Record<string, string>): { PATH: string } {
  const directory = mkdtempSync(join(tmpdir(), 'truc-path-'));
  made.push(directory);
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return { PATH: directory };
}

describe('java and maven', () => {
  it('are missed with one sentence that says what to do', () => {
    expect(() => findJava(pathWith({}))).toThrow(expect.objectContaining({ code: 'STACK_JAVA_MISSING' }));
    expect(() => findJava(pathWith({}))).toThrow(/install Java 17/);
    expect(() => findMaven(pathWith({}))).toThrow(expect.objectContaining({ code: 'STACK_MAVEN_MISSING' }));
  });

  it('are refused when java is too old', () => {
    const path = pathWith({ java: `echo 'openjdk version "11.0.2" 2019-01-15' >&2` });
    expect(() => findJava(path)).toThrow(/Java 11/);
  });

  it('are found on PATH and by JAVA_HOME', () => {
    const answer = `echo 'openjdk version "21" 2023-09-19' >&2`;
    expect(findJava(pathWith({ java: answer }))).toBe('java');
    const { PATH: home } = pathWith({});
    expect(() => findJava({ JAVA_HOME: home, PATH: pathWith({ java: answer }).PATH })).toThrow(home);
  });

  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_202"', 1],
    ['openjdk version "25-ea" 2025-09-16', 25],
    ['nonsense', null],
  ])('reads %s as release %s', (output, release) => {
    expect(javaRelease(output)).toBe(release);
  });
});
