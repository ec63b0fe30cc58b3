/** The part of a terminal's stream that is needed here. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const up = (lines: number): string => (lines > 0 ? `\x1b[${lines}A` : '');
const clearToEndOfLine = '\x1b[K';
const clearBelow = '\x1b[J';
const hideCursor = '\x1b[?25l';
export const showCursor = '\x1b[?25h';
/** Terminals that know it show what comes between at once, so that nothing flickers; the others ignore it. */
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';

/** A block of lines at the bottom of a terminal that is drawn over in place; other lines go above it. */
export class TerminalScreen {
  readonly #terminal: Terminal;
  #drawn: readonly string[] = [];
  #isHidden = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get width(): number {
    return this.#terminal.columns ?? 80;
  }

  /** Draws over what was drawn last. What is higher than the terminal is left out: it could not be drawn over. */
  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, (this.#terminal.rows ?? 24) - 1));
    this.#write(
      `${this.#isHidden ? '' : hideCursor}${this.#home()}${shown.map((line) => `${line}${clearToEndOfLine}\n`).join('')}${clearBelow}`,
    );
    this.#isHidden = true;
    this.#drawn = shown;
  }

  /** Puts a line above the block, where it stays. */
  print(line: string): void {
    const block = this.#drawn.map((one) => `${one}${clearToEndOfLine}\n`).join('');
    this.#write(`${this.#home()}${line}${clearToEndOfLine}\n${block}${clearBelow}`);
  }

  /** Leaves the block as it was drawn last and gives the terminal back. */
  end(): void {
    if (this.#isHidden) this.#terminal.write(showCursor);
    this.#isHidden = false;
    this.#drawn = [];
  }

  /** A terminal that became narrower has wrapped our lines: they take more rows than we wrote. */
  #home(): string {
    const width = Math.max(1, this.width);
    const rows = this.#drawn.reduce((total, line) => total + Math.max(1, Math.ceil([...line].length / width)), 0);
    return rows === 0 ? '' : `${up(rows)}\r`;
  }

  #write(text: string): void {
    this.#terminal.write(`${beginUpdate}${text}${endUpdate}`);
  }
}
