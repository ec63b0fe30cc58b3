import { TerminalScreen } from './terminal-screen.js';

/** A terminal that understands what we write: what a person sees in the end. */
class PretendTerminal {
  readonly columns = 20;
  readonly rows = 6;
  readonly screen: string[] = [''];
  #row = 0;

  write(text: string): void {
    for (const [part] of text.matchAll(/\x1b\[\??[0-9]*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) {
      const moves = /^\x1b\[([0-9]+)A$/.exec(part);
      if (moves !== null) this.#row -= Number(moves[1]);
      else if (part === '\x1b[J') this.screen.length = this.#row + 1;
      else if (part === '\n') this.screen[(this.#row += 1)] ??= '';
      else if (part === '\x1b[K' || part === '\r' || part.startsWith('\x1b[?')) continue;
      else this.screen[this.#row] = part;
    }
  }
}

describe('a screen that is drawn over', () => {
  it('leaves the last drawing and every printed line, and nothing else', () => {
    const terminal = new PretendTerminal();
    const screen = new TerminalScreen(terminal);
    screen.draw(['one', 'two', 'three']);
    screen.print('stays');
    screen.draw(['uno', 'dos']);
    screen.print('stays too');
    screen.draw(['1', '2']);
    screen.end();
    expect(terminal.screen).toEqual(['stays', 'stays too', '1', '2', '']);
  });

  it('draws no more than it can draw over', () => {
    const terminal = new PretendTerminal();
    const screen = new TerminalScreen(terminal);
    screen.draw(['1', '2', '3', '4', '5', '6', '7', '8']);
    screen.draw(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(terminal.screen).toEqual(['a', 'b', 'c', 'd', 'e', '']);
  });
});
