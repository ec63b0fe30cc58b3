import { Command } from 'commander';
import { CatalogueClient } from '../catalogue/catalogue-client.js';
import { descriptionLines, descriptionOf, type Description } from '../catalogue/description.js';
import {
  headOf,
  namedResource,
  resourceKind,
  resourceKinds,
  resourcesOf,
  type Resource,
  type ResourceKind,
} from '../catalogue/resource.js';
import { storedDocuments } from '../diff/document-reading.js';
import { exitCode } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { examples } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

export function describeCommand({ contextPlaces, output, end }: Surroundings): Command {
  return new Command('describe')
    .description('one thing with all that belongs to it: topics, fields, tables, contracts, schemas')
    .argument('<kind>', resourceKinds.join(', '), resourceKind)
    .argument('<name>')
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText(
      'after',
      examples(
        'truc describe dataset population.resident',
        'truc describe source G01/population',
        'truc describe contract tax-residents -o yaml',
      ),
    )
    .action(async (kind: ResourceKind, name: string, options: { context?: string; output: OutputFormat }) => {
      const platform = platformOfContext(contextPlaces, options.context);
      const resource = namedResource(kind, name, await resourcesOf(kind, platform));
      const views = await new CatalogueClient(platform).documents();
      const documents = storedDocuments(views);
      const document = documents.find((one) => one.kind === kind && one.name === name);
      const description =
        document === undefined
          ? plainDescription(kind, resource)
          : descriptionOf(document, { documents, entries: await platform.policy(), schemas: (await platform.status()).schemas });
      output.write(formatted(options.output, { kind, ...resource.value, ...description }, () => descriptionLines(description)));
      end(exitCode.ok);
    });
}

/** Of what is no document there is no more than its line in a table. */
function plainDescription(kind: ResourceKind, { cells }: Resource): Description {
  const facts = headOf(kind).map((name, column) => [name, cells[column] ?? '']);
  return { facts: Object.fromEntries(facts) as Record<string, string>, sections: [] };
}
