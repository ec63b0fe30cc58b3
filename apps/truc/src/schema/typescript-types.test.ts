import fc from 'fast-check';
import ts from 'typescript';
import { parseAvroSchema } from '@truc/avro';
import { schemasAndValues } from '../../../../libs/avro/src/random-schema.test-data.js';
import { oddSchema, wideSchema } from './generated-types.test-data.js';
import { typescriptTypes } from './typescript-types.js';

/** What the compiler has against modules in memory, as strictly as it can be asked. */
function complaints(modules: Readonly<Record<string, string>>): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts'],
    types: [],
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  const textOf = (file: string): string | undefined => modules[file.replace(/^.*\/memory\//, '')];
  host.getSourceFile = (file, ...more) => {
    const text = textOf(file);
    return text === undefined ? getSourceFile(file, ...more) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  };
  host.fileExists = (file) => textOf(file) !== undefined || fileExists(file);
  host.directoryExists = () => true;
  host.readFile = (file) => textOf(file) ?? readFile(file);
  const program = ts.createProgram(
    Object.keys(modules).map((name) => `/memory/${name}`),
    options,
    host,
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

const typesOf = (schema: unknown): string => typescriptTypes(parseAvroSchema(JSON.stringify(schema)));

describe('types for TypeScript', () => {
  it('compile, whatever the schema', () => {
    const schemas = [oddSchema, wideSchema, ...fc.sample(schemasAndValues, { numRuns: 300, seed: 11 }).map(({ json }) => json), [], 'null'];
    const modules = Object.fromEntries(schemas.map((schema, index) => [`m${index}.ts`, `${typesOf(schema)}\nexport {};\n`]));
    expect(complaints(modules)).toEqual([]);
    expect(complaints({ 'wrong.ts': 'export const x: number = "";' })).toHaveLength(1);
  });

  it('are those of the values that are read', () => {
    const schema = {
      type: 'record',
      name: 'Row',
      fields: [
        { name: 'person_full_name', type: 'string' },
        { name: 'born', type: ['null', { type: 'int', logicalType: 'date' }], default: null },
        { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 } },
        { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
      ],
    };
    const right = `{ person_full_name: 'x', born: null, amount: 5n, kind: 'A' }`;
    const uses: readonly [string, boolean][] = [
      [right, true],
      [right.replace('null', '17'), true],
      [right.replace('5n', '5'), false],
      [right.replace("'A'", "'C'"), false],
      [right.replace("'x'", 'null'), false],
      [right.replace('born: null, ', ''), false],
    ];
    const use = (value: string): string => `import type { Row } from './types.js';\nexport const row: Row = ${value};\n`;
    const modules = Object.fromEntries(uses.map(([value], index) => [`use${index}.ts`, use(value)]));
    const found = complaints({ 'types.ts': typesOf(schema), ...modules });
    expect(found.map((complaint) => complaint.slice(0, '/memory/use0.ts'.length))).toEqual(
      uses.flatMap(([, isRight], index) => (isRight ? [] : [`/memory/use${index}.ts`])),
    );
  });

  it('say what a number means, and where it comes from', () => {
    const text = typesOf(oddSchema);
    expect(text).toContain('/** Days since 1970-01-01. */\nexport type AvroDate = number;');
    expect(text).toContain('decimal(18,2)');
    expect(text).toContain('urn:vn:ddict:element:person.full-name@1.0.0');
  });
});
