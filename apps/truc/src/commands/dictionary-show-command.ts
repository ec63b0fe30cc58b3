import { Command } from 'commander';
import { stringify } from 'yaml';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { historyLines, notLoaded, overviewLines, proposalLines, releaseLines } from '../dictionary/dictionary-lines.js';
import { exitCode, UsageError } from '../exit-code.js';
import { formatted, outputFormat, type OutputFormat } from '../output-format.js';
import { examples } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface ShowOptions {
  readonly context?: string;
  readonly output: OutputFormat;
}

/** Code lists have thousands of entries: a person is shown so many, and exports the rest. */
const entriesShownMax = 20;

export function dictionaryShowCommand(surroundings: Surroundings): Command {
  const { contextPlaces, output, end } = surroundings;
  return new Command('show')
    .description('the release that holds and the open proposals; one proposal; or one entry')
    .argument('[what]', 'number of a proposal, or the URN of an entry')
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText(
      'after',
      examples('truc dictionary show', 'truc dictionary show 3', 'truc dictionary show urn:vn:ddict:element:person.full-name'),
    )
    .action(async (what: string | undefined, options: ShowOptions) => {
      const client = new DictionaryClient(platformOfContext(contextPlaces, options.context));
      output.write(await shown(what, options.output, client));
      end(exitCode.ok);
    });
}

async function shown(what: string | undefined, format: OutputFormat, client: DictionaryClient): Promise<string> {
  if (what === undefined) {
    const [release, proposals] = [await client.release('latest'), await client.proposals()];
    const open = proposals.filter(({ state }) => state === 'proposed');
    const value = { release: release.number, notLoaded: notLoaded(release.content), proposals: open };
    return formatted(format, value, () => overviewLines(release, proposals));
  }
  if (/^[0-9]+$/.test(what)) {
    const proposal = await client.proposal(Number(what));
    return formatted(format, proposal, () => proposalLines(proposal));
  }
  const view = await client.entry(urnOf(what));
  return formatted(format, view, () => {
    const { entry } = view;
    const count = 'entries' in entry ? entry.entries.length : 0;
    const short = 'entries' in entry ? { ...entry, entries: entry.entries.slice(0, entriesShownMax) } : entry;
    const rest = count > entriesShownMax ? [`and ${count - entriesShownMax} more codes: truc codelist export`] : [];
    return [stringify(short).trimEnd(), ...rest, '', ...historyLines(view.history)];
  });
}

export function dictionaryHistoryCommand(surroundings: Surroundings): Command {
  const { contextPlaces, output, end } = surroundings;
  return new Command('history')
    .description('every release, or every release that changed one entry: who proposed it, who approved it, and why')
    .argument('[entry]', 'URN of an entry')
    .option('--context <name>', 'a context other than the current one')
    .option('-o, --output <format>', 'table, json or yaml', outputFormat, 'table')
    .addHelpText('after', examples('truc dictionary history', 'truc dictionary history urn:vn:ddict:codelist:commune'))
    .action(async (entry: string | undefined, options: ShowOptions) => {
      const client = new DictionaryClient(platformOfContext(contextPlaces, options.context));
      if (entry === undefined) {
        const releases = await client.releases();
        output.write(formatted(options.output, { releases }, () => releaseLines(releases)));
      } else {
        const { history } = await client.entry(urnOf(entry));
        output.write(formatted(options.output, { entry, history }, () => historyLines(history)));
      }
      end(exitCode.ok);
    });
}

function urnOf(text: string): string {
  if (text.startsWith('urn:vn:ddict:')) return text;
  throw new UsageError(
    `"${text}" is neither the number of a proposal nor the URN of an entry, as in urn:vn:ddict:element:person.full-name`,
  );
}
