import { csvProblem, type CsvFault, type CsvProblem } from './csv-fault-text.js';
import type { Language } from './language.js';

const bytesMax = 32 * 1024 * 1024;

/** The text of a CSV file that has to be UTF-8, with or without a byte order mark; every line that is not is told. */
export function csvTextOf(
  bytes: Uint8Array,
  language: Language = 'en',
): { readonly text: string; readonly problems: readonly CsvProblem[] } {
  const refused = (line: number, fault: CsvFault, values: Readonly<Record<string, string | number>> = {}): CsvProblem =>
    csvProblem(line, fault, language, values);
  if (bytes.length > bytesMax) return { text: '', problems: [refused(1, 'too-large', { count: bytes.length, limit: bytesMax })] };
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return { text: '', problems: [refused(1, 'utf-16')] };
  const problems = [...linesOf(bytes)].flatMap(({ line, content }): CsvProblem[] => {
    if (content.includes(0)) return [refused(line, 'nul')];
    const column = invalidAt(content);
    return column === null ? [] : [refused(line, 'not-utf-8', { column, byte: content[column - 1]?.toString(16) ?? '' })];
  });
  if (problems.length > 0) return { text: '', problems };
  return { text: new TextDecoder('utf-8').decode(bytes), problems };
}

function* linesOf(bytes: Uint8Array): Generator<{ line: number; content: Uint8Array }> {
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const at = bytes.indexOf(0x0a, start);
    const end = at === -1 ? bytes.length : at;
    yield { line, content: bytes.subarray(start, end) };
    start = end + 1;
  }
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** Number of the first byte, from 1, from which on the line is not UTF-8; null where all of it is. */
function invalidAt(content: Uint8Array): number | null {
  if (isUtf8(content)) return null;
  // The longest good beginning; a cut in the middle of a character is no fault of what stands before it.
  let [good, bad] = [0, content.length];
  while (good + 1 < bad) {
    const middle = (good + bad) >> 1;
    if (isUtf8Start(content.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return bad;
}

function isUtf8(content: Uint8Array): boolean {
  try {
    strict.decode(content);
    return true;
  } catch {
    return false;
  }
}

function isUtf8Start(content: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content, { stream: true });
    return true;
  } catch {
    return false;
  }
}
