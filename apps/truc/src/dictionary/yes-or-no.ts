import { createInterface } from 'node:readline/promises';

/** Asks at a terminal; anything but yes is no. False where nobody sits there. */
export async function answeredYes(question: string, input: NodeJS.ReadStream | undefined, output: NodeJS.WriteStream): Promise<boolean> {
  if (input?.isTTY !== true || output.isTTY !== true) return false;
  const terminal = createInterface({ input, output });
  try {
    return /^(y|yes|c|có)$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
