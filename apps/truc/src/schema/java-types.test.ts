import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isNamed, parseAvroSchema } from '@truc/avro';
import { schemasAndValues } from '../../../../libs/avro/src/random-schema.test-data.js';
import { oddSchema, wideSchema } from './generated-types.test-data.js';
import { javaTypes } from './java-types.js';

const javac = process.env.JAVA_HOME === undefined ? 'javac' : join(process.env.JAVA_HOME, 'bin', 'javac');
const hasCompiler = spawnSync(javac, ['-version']).status === 0;
// Java 17 without its compiler is all that running the product needs; where the compiler is missing only the text is looked at.
const withCompiler = hasCompiler ? it : it.skip;

const typesOf = (schema: unknown) => javaTypes(parseAvroSchema(JSON.stringify(schema)));

describe('types for Java', () => {
  let directory: string;
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'truc-java-'))));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** What the compiler says; each file in a folder of its own. */
  function compiled(files: readonly { readonly className: string; readonly text: string }[]): string {
    const paths = files.map(({ className, text }, index) => {
      const folder = join(directory, `f${index}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${className}.java`), text);
      return join(folder, `${className}.java`);
    });
    const options = ['-encoding', 'UTF-8', '--release', '17', '-proc:none', '-d', join(directory, 'out')];
    const { status, stderr } = spawnSync(javac, [...options, ...paths], { encoding: 'utf8' });
    return status === 0 ? '' : stderr || 'failed';
  }

  withCompiler('compile, whatever the schema', () => {
    const random = fc
      .sample(schemasAndValues, { numRuns: 300, seed: 11 })
      .map(({ json }) => parseAvroSchema(JSON.stringify(json)))
      .filter((schema) => isNamed(schema) && schema.type !== 'fixed')
      // Random schemas of one name would be one class.
      .map((schema, index) => ({ ...schema, name: `p${index}.${(schema as { name: string }).name}` }) as typeof schema);
    expect(random.length).toBeGreaterThan(50);
    expect(compiled([typesOf(oddSchema), typesOf(wideSchema), ...random.map(javaTypes)])).toBe('');
    expect(compiled([{ className: 'Wrong', text: 'public record Wrong(int class) {}' }])).not.toBe('');
  });

  it('are a record that demands what is not optional', () => {
    const { className, text } = typesOf(oddSchema);
    expect(className).toBe('Row');
    expect(text).toContain('package vn.gov.int_.test;');
    expect(text).toContain(
      'public record Row(\n    String personFullName,\n    int class_,\n    boolean aB,\n    Long aB_,\n    double proto,',
    );
    expect(text).toContain('java.util.Objects.requireNonNull(personFullName, "person_full_name");');
    expect(text).not.toContain('requireNonNull(born');
    expect(text).toMatch(/java\.time\.LocalDate born,\n {4}java\.time\.Instant at,/);
    expect(text).toContain('new_("new")');
    expect(text).not.toMatch(/\\u/);
  });

  it('are a class where there are more fields than a record can have', () => {
    expect(typesOf(wideSchema).text).toContain('public final class Wide {');
  });

  it('need a name', () => {
    expect(() => typesOf({ type: 'array', items: 'int' })).toThrow(expect.objectContaining({ code: 'SCHEMA_TYPES_UNNAMED' }));
  });
});
