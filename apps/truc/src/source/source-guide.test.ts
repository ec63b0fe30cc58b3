import { bare, blocksOf, commandsOf, guidePage } from './guide-page.test-data.js';

describe('the guide for source agencies', () => {
  const commands = (language: 'en' | 'vi') => blocksOf(guidePage(language)).flatMap(commandsOf);

  it('has the same commands in both languages, which end the same', () => {
    const told = (language: 'en' | 'vi') => commands(language).map((command) => [bare(command).replace(/LANG=\S+/, 'LANG'), command.code]);
    expect(told('vi')).toEqual(told('en'));
    expect(told('en').length).toBeGreaterThan(15);
  });

  it('has the same commands for a backbone in both languages', () => {
    const blocks = (language: 'en' | 'vi') =>
      [...guidePage(language).matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block?.replaceAll(/ +# .*$/gm, ''));
    expect(blocks('vi')).toEqual(blocks('en'));
    expect(blocks('en')).toHaveLength(2);
  });

  it('has the same figures in both languages', () => {
    const figures = (language: 'en' | 'vi'): string[] => {
      const [, table] = /<!-- overhead -->\n\n([^]*?)\n\n/.exec(guidePage(language)) ?? [];
      const rows = (table ?? '').split('\n').slice(2);
      return rows.map((row) =>
        row
          .split('|')
          .slice(2)
          .map((cell) => cell.replaceAll(/[.,\s]/g, ''))
          .join(' '),
      );
    };
    expect(figures('vi')).toEqual(figures('en'));
    expect(figures('en')).toHaveLength(8);
  });
});
