/** Something wrong with one line of a CSV file. */
export interface CsvProblem {
  /** From 1. */
  readonly line: number;
  readonly what: string;
}

const bytesMax = 32 * 1024 * 1024;

/** The text of a CSV file that has to be UTF-8, with or without a byte order mark; every line that is not is told. */
export function csvTextOf(bytes: Uint8Array): { readonly text: string; readonly problems: readonly CsvProblem[] } {
  const whole = (what: string): { text: string; problems: CsvProblem[] } => ({ text: '', problems: [{ line: 1, what }] });
  if (bytes.length > bytesMax) return whole(`the file has ${bytes.length} bytes; at most ${bytesMax} are read`);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return whole('the file is UTF-16, which spreadsheets call "Unicode text": save it as "CSV UTF-8"');
  }
  const problems = [...linesOf(bytes)].flatMap(({ line, content }): CsvProblem[] => {
    if (content.includes(0)) return [{ line, what: 'the line holds NUL: this is no text in UTF-8' }];
    const column = invalidAt(content);
    if (column === null) return [];
    const byte = content[column - 1]?.toString(16) ?? '';
    return [
      {
        line,
        what: `byte ${column} (0x${byte}) is not UTF-8; the file was probably saved in Windows-1258, TCVN3 or VNI: save it as "CSV UTF-8"`,
      },
    ];
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
