import { CommanderError } from 'commander';
import { messageOf, TrucError } from '@truc/kernel';
import { UsageError } from './exit-code.js';

/** What a person can do about an error of the system, by its code; `where` names the file where it is known. PostgreSQL's own code for a full disk is among them. */
function cureOf(code: string, where: string): string | null {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case '53100':
      return `the disk is full${where}: make room on it, or choose another place with --directory, and start again`;
    case 'EFBIG':
      return `a file may not grow any further${where}: raise the limit (ulimit -f unlimited) and start again`;
    case 'EMFILE':
    case 'ENFILE':
      return `too many files are open: raise the limit (ulimit -n 4096) and start again`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `no permission${where} (${code}): start as the owner of that place, or choose another one with --directory`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `something else stands in the way${where} (${code}): move it, or choose another place with --directory`;
    default:
      return null;
  }
}

/** One sentence for a person: ours as it is, and that of anything else with what to do about it. */
export function sentenceOf(error: unknown): string {
  if (error instanceof TrucError || error instanceof UsageError) return error.message;
  const { code, path } = (error ?? {}) as { code?: unknown; path?: unknown };
  const cure = typeof code === 'string' ? cureOf(code, typeof path === 'string' ? ` at ${path}` : '') : null;
  return cure ?? `something unexpected went wrong (${messageOf(error)}): start again, and if it comes back, report it with the logs`;
}

/** Stable code of an error, for programs. */
function codeOf(error: unknown): string {
  if (error instanceof TrucError) return error.code;
  if (error instanceof UsageError || error instanceof CommanderError) return 'USAGE';
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'UNEXPECTED';
}

/** The last line of a `--json` run that failed. */
export function failureLine(error: unknown): string {
  const message = error instanceof CommanderError ? error.message.replace(/^error: /, '') : sentenceOf(error);
  return `${JSON.stringify({ verdict: 'failed', error: { code: codeOf(error), message } })}\n`;
}
