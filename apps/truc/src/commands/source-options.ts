import type { Command } from 'commander';
import { UsageError } from '../exit-code.js';
import type { AccessOptions } from '../source/source-access.js';
import { wholeNumber } from './option-parser.js';

export interface SourceOptions extends AccessOptions {
  readonly timeout: number;
}

/** What every command that goes to an agency's database takes. */
export function withSourceOptions(command: Command): Command {
  return command
    .option('--url <url>', 'the database: postgres://user:password@host:5432/database')
    .option('--url-file <file>', 'a file whose first line is that URL, so that no list of processes shows its password')
    .option('--config <file>', "configuration of the agency's node, which has URL, slot and publication of its sources")
    .option('--source <name>', 'which source, as in G01/population or population, where there are several')
    .option('--slot <name>', 'replication slot of the agent (default: truc_<database>)')
    .option('--publication <name>', 'publication that it reads (default: truc_<database>)')
    .option('--timeout <seconds>', 'for one statement', wholeNumber('--timeout', 1, 600), 15);
}

const sizes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `40GB`, `500 MB`, `1.5TB`. @throws UsageError */
export function byteSize(option: string): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^([0-9]+(?:\.[0-9]+)?) ?([kmgt]?)i?b?$/i.exec(text.trim()) ?? [];
    const factor = sizes[(unit ?? '').toLowerCase()];
    if (number === undefined || factor === undefined) throw new UsageError(`${option} takes a size, as in 40GB, not "${text}"`);
    return Math.floor(Number(number) * factor);
  };
}
