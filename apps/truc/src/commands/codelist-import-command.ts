import { resolve } from 'node:path';
import { Command } from 'commander';
import { codeListColumns, codeListFiles, csvBytesMax, type CodeListColumns } from '@truc/dictionary';
import { type Language, TrucError, messageOf } from '@truc/kernel';
import { boundedFile } from '../bounded-file.js';
import { codeListImport, codeListNamed, countsOf, differenceLines, type CodeListImport } from '../dictionary/code-list-import.js';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { refusalLines } from '../dictionary/dictionary-lines.js';
import { answeredYes } from '../dictionary/yes-or-no.js';
import { exitCode, UsageError, type ExitCode } from '../exit-code.js';
import { examples, language } from './option-parser.js';
import { platformOfContext } from './platform-of-context.js';
import type { Surroundings } from './surroundings.js';

interface ImportOptions {
  readonly list: string;
  readonly column: Partial<CodeListColumns>;
  readonly version?: string;
  readonly note: string;
  readonly allowRemoved: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly context?: string;
  readonly lang?: Language;
}

/** A person reads so many lines of a difference, and of faults. */
const linesShownMax = 100;

const columnHelp = Object.entries(codeListColumns)
  .map(([field, column]) => `  ${field.padEnd(14)}${column}`)
  .join('\n');

export function codelistImportCommand(surroundings: Surroundings): Command {
  return new Command('import')
    .description('propose a code list as a CSV file has it: shows what differs, asks, and proposes all of it or nothing')
    .argument('<file>', 'CSV in UTF-8 with a header; it holds the whole list')
    .requiredOption('--list <name>', 'the list, as in commune or urn:vn:ddict:codelist:commune')
    .option('--column <field=column>', 'a column of another name, or for days one day for all; once for each', columnOption, {})
    .option('--version <version>', 'version of the list afterwards (default: its middle number goes up)')
    .option('--note <text>', 'why, for those who review it', '')
    .option('--allow-removed', 'the file may lack codes that the list has; a code that ended keeps its row, with its last day', false)
    .option('--yes', 'propose without asking', false)
    .option('--json', 'everything as one JSON object; proposes only with --yes', false)
    .option('--context <name>', 'a context other than the current one')
    .option('--lang <lang>', 'of what is said of bad rows: vi or en (default: by LANG)', language)
    .addHelpText('after', `\nFields and the columns that are looked for:\n${columnHelp}\n`)
    .addHelpText(
      'after',
      examples(
        'truc codelist import communes.csv --list commune',
        'truc codelist import units.csv --list commune --column vi=full_name --column en=full_name_en --column parent=province_code --yes',
      ),
    )
    .addHelpText('after', '\nEnds with 0 when it is proposed or nothing differs, 2 when rows are bad or what differs was not proposed.\n')
    .action(async (file: string, options: ImportOptions) => surroundings.end(await importList(file, options, surroundings)));
}

function columnOption(text: string, known: Partial<CodeListColumns>): Partial<CodeListColumns> {
  const [, field = '', column = ''] = /^([a-zA-Z]+)=(.+)$/.exec(text) ?? [];
  if (!Object.hasOwn(codeListColumns, field))
    throw new UsageError(`--column takes FIELD=COLUMN with one of ${Object.keys(codeListColumns).join(', ')}, not "${text}"`);
  return { ...known, [field]: column };
}

async function importList(file: string, options: ImportOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { output, errors, contextPlaces, input } = surroundings;
  const speech = options.lang ?? surroundings.language;
  if (options.version !== undefined && !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(options.version))
    throw new UsageError('--version takes three numbers, as in 1.2.0');
  const bytes = readBytes(resolve(contextPlaces.workingDirectory, file), file);
  const client = new DictionaryClient(platformOfContext(contextPlaces, options.context));
  const { content } = await client.release('latest');
  const list = codeListNamed(options.list, content);
  const plan = codeListImport(bytes, list, content, { columns: options.column, version: options.version, language: speech });
  const counts = countsOf(plan.difference);
  const tell = (more: object, code: ExitCode): ExitCode => {
    const { problems, mended, difference } = plan;
    if (options.json)
      output.write(`${JSON.stringify({ list: list.id, file, problems, mended, counts, difference, proposal: null, ...more }, null, 2)}\n`);
    return code;
  };
  if (plan.problems.length > 0) {
    if (!options.json) errors.write(`${problemText(file, plan)}\n`);
    return tell({}, exitCode.found);
  }
  if (plan.next === null) {
    if (!options.json) output.write(`nothing differs: ${list.id} is as ${file} has it\n`);
    return tell({}, exitCode.ok);
  }
  if (!options.json) output.write(`${[...differenceLines(plan.difference, linesShownMax), '', summary(plan, counts)].join('\n')}\n`);
  if (counts.removed > 0 && !options.allowRemoved) {
    const why = `${counts.removed} codes of the list are not in the file; rows of the past would lose their meaning. Give such a code its last day, or say --allow-removed`;
    errors.write(`${why}\n`);
    return tell({ refused: why }, exitCode.found);
  }
  const isWanted = options.yes || (!options.json && (await answeredYes(`propose this for ${list.id}?`, input, output)));
  if (!isWanted) {
    if (!options.json) output.write('nothing was proposed: --yes proposes it\n');
    return tell({}, exitCode.found);
  }
  const answer = await client.propose(codeListFiles(plan.next), { note: options.note, dryRun: false, language: speech });
  if ('problems' in answer) {
    if (!options.json) errors.write(`${[...refusalLines(answer.problems), '', 'nothing was proposed'].join('\n')}\n`);
    return tell({ refused: answer.problems }, exitCode.found);
  }
  const number = answer.proposal?.number ?? null;
  const outcome =
    number === null ? 'nothing changes: the platform has the list as it is' : `proposal ${number}: it holds once it is approved`;
  if (!options.json) output.write(`${outcome}\n`);
  return tell({ proposal: number }, exitCode.ok);
}

/** @throws TrucError CODELIST_FILE_UNREADABLE */
function readBytes(path: string, shown: string): Uint8Array {
  try {
    return boundedFile(path, csvBytesMax);
  } catch (cause) {
    throw new TrucError('CODELIST_FILE_UNREADABLE', `${shown} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function problemText(file: string, { problems }: CodeListImport): string {
  const shown = problems.slice(0, linesShownMax).map(({ line, what }) => `${file}:${line}: ${what}`);
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more (--json shows all)`] : [];
  return [...shown, ...more, '', `${problems.length === 1 ? '1 fault' : `${problems.length} faults`}; nothing was proposed`].join('\n');
}

function summary({ mended }: CodeListImport, { added, changed, removed }: ReturnType<typeof countsOf>): string {
  const cells = [
    ...(mended.composed > 0 ? [`${mended.composed} texts were composed (NFC)`] : []),
    ...(mended.trimmed > 0 ? [`${mended.trimmed} were trimmed`] : []),
  ];
  return [`${added} codes added, ${changed} changed, ${removed} removed`, ...cells].join('; ');
}
