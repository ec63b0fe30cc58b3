import { Command } from 'commander';
import type { AvroSchema } from '@truc/avro';
import { exitCode } from '../exit-code.js';
import { javaTypes } from '../schema/java-types.js';
import { writeOutputFile } from '../schema/output-file.js';
import { readSchemaFile, wholeSchema } from '../schema/schema-file.js';
import { typescriptTypes } from '../schema/typescript-types.js';
import { examples, oneOf } from './option-parser.js';
import type { Surroundings } from './surroundings.js';

const targets = ['ts', 'java'] as const;
type TargetLanguage = (typeof targets)[number];

interface TypesOptions {
  readonly lang: TargetLanguage;
  readonly out?: string;
  readonly force: boolean;
}

const about = `
TypeScript: types of the values as this product's codec reads and writes them; a long, a timestamp and the unscaled value of a decimal are bigint.
Java: one source file of records for Java 17, with java.time and BigDecimal; on the standard output its name is in its first line.
`;

export function schemaTypesCommand({ output, contextPlaces, end }: Surroundings): Command {
  return new Command('types')
    .description('types for TypeScript or Java, generated from a schema')
    .argument('<file>', 'Avro schema (.avsc)')
    .requiredOption('--lang <lang>', 'ts or java', oneOf('--lang', targets))
    .option('--out <file>', 'where to write them (default: the standard output)')
    .option('--force', 'write over a file that is there', false)
    .addHelpText('after', about)
    .addHelpText(
      'after',
      examples('truc schema types resident.avsc --lang ts --out resident.ts', 'truc schema types resident.avsc --lang java --out Row.java'),
    )
    .action((file: string, { lang, out, force }: TypesOptions) => {
      const { workingDirectory } = contextPlaces;
      const text = typesOf(wholeSchema(readSchemaFile(file, workingDirectory)), lang);
      if (out === undefined) output.write(text);
      else output.write(`${writeOutputFile(out, text, workingDirectory, force)}\n`);
      end(exitCode.ok);
    });
}

function typesOf(schema: AvroSchema, lang: TargetLanguage): string {
  return lang === 'ts' ? typescriptTypes(schema) : javaTypes(schema).text;
}
