import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkSubjectSchema } from '@truc/dictionary';
import { JsonPlaces } from './json-places.js';
import { offlineRelease } from './offline-policy.js';
import { readSchemaFile, SchemaFileError } from './schema-file.js';

const good = JSON.stringify(
  {
    type: 'record',
    name: 'Row',
    fields: [{ name: 'person_full_name', type: 'string', doc: 'họ tên', dictionaryElement: 'urn:vn:ddict:element:person.full-name@1.0.0' }],
  },
  null,
  2,
);

describe('a schema file', () => {
  let directory: string;
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'truc-schema-file-'))));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is a schema to judge or an error with a place, whatever its bytes', () => {
    const release = offlineRelease(null, directory, 'en');
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
      fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
      fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
        const changed = Buffer.from(good);
        changed[at] = byte;
        return changed;
      }),
    );
    let judged = 0;
    fc.assert(
      fc.property(bytes, (content) => {
        writeFileSync(join(directory, 's.avsc'), content);
        try {
          const { reading, placeOf } = readSchemaFile('s.avsc', directory);
          const known = { subject: null, keyOrValue: 'value', dataset: null, view: null, caller: null, previousVersions: [] } as const;
          for (const { path } of checkSubjectSchema({ ...known, schema: reading, release }).violations) {
            expect(placeOf(path).line).toBeGreaterThan(0);
          }
          judged += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(SchemaFileError);
          expect((error as SchemaFileError).message).toMatch(/^s\.avsc:\d+:\d+: .{20,}$/);
        }
      }),
      { numRuns: 2000 },
    );
    expect(judged).toBeGreaterThan(10);
  });
});

describe('the places of a JSON text', () => {
  it('are found by their paths, or those around them', () => {
    const places = new JsonPlaces('{\n  "fields": [\n    {"name": "a\\u0301"},\n    { "type": ["null", "int"] }\n  ]\n}');
    expect(places.syntaxError).toBeNull();
    expect(places.of('$')).toEqual({ line: 1, column: 1 });
    expect(places.of('$.fields[0].name')).toEqual({ line: 3, column: 14 });
    expect(places.of('$.fields[1].type[1]')).toEqual({ line: 4, column: 24 });
    expect(places.of('$.fields[1].doc')).toEqual({ line: 4, column: 5 });
    expect(places.of('$.nothing.at[3].all')).toEqual({ line: 1, column: 1 });
  });

  it('take for JSON what JSON.parse takes, and nothing else', () => {
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      '"',
      ' ',
      '\n',
      '0',
      '-1',
      '1e5',
      '01',
      '1.',
      'true',
      'nul',
      '\t',
      'é',
      '"\t"',
    );
    const broken = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(60), pieces)
      .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          broken,
          fc.array(pieces, { maxLength: 8 }).map((some) => some.join('')),
        ),
        (text) => {
          expect(new JsonPlaces(text).syntaxError === null).toBe(isJson(text));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
