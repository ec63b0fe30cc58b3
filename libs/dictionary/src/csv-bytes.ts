import { utf8FaultAt, type Language } from '@truc/kernel';
import { csvProblem, type CsvFault, type CsvProblem } from './csv-fault-text.js';

/** Of a code list's file: as much as a platform takes in one request. */
export const csvBytesMax = 8 * 1024 * 1024;

/** The text of a CSV file that has to be UTF-8, with or without a byte order mark; every line that is not is told. */
export function csvTextOf(
  bytes: Uint8Array,
  language: Language = 'en',
): { readonly text: string; readonly problems: readonly CsvProblem[] } {
  const refused = (line: number, fault: CsvFault, values: Readonly<Record<string, string | number>> = {}): CsvProblem =>
    csvProblem(line, fault, language, values);
  if (bytes.length > csvBytesMax) return { text: '', problems: [refused(1, 'too-large', { limit: csvBytesMax })] };
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return { text: '', problems: [refused(1, 'utf-16')] };
  const problems = [...linesOf(bytes)].flatMap(({ line, content }): CsvProblem[] => {
    if (content.includes(0)) return [refused(line, 'nul')];
    const at = utf8FaultAt(content);
    return at === null ? [] : [refused(line, 'not-utf-8', { column: at + 1, byte: content[at]?.toString(16) ?? '' })];
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
