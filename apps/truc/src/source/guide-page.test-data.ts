import { readFileSync } from 'node:fs';

/** One command of a page: a line, or several up to the end of its here-document. */
export interface GuideCommand {
  /** As it stands there, its remark included. */
  readonly text: string;
  /** What the page says that it ends with; 0 where it says nothing. */
  readonly code: number;
}

/** Blocks of a page behind three backticks, as they stand. Blocks of a named language are not commands. */
export function blocksOf(page: string): string[] {
  const ofNoLanguage = page.replaceAll(/^```[a-z]+\n[^]*?^```$/gm, '');
  return [...ofNoLanguage.matchAll(/^```\n([^]*?)^```$/gm)].map(([, block]) => block ?? '');
}

/** The commands of a block; none where it is output that is shown. */
export function commandsOf(block: string): GuideCommand[] {
  if (!/^(psql|truc|export|umask|echo) /.test(block)) return [];
  const commands: GuideCommand[] = [];
  const lines = block.trimEnd().split('\n');
  for (let at = 0; at < lines.length; at++) {
    let text = lines[at] ?? '';
    const end = /<<'([A-Z]+)'$/.exec(text)?.[1];
    if (end !== undefined) {
      do text += `\n${lines[(at += 1)] ?? end}`;
      while (lines[at] !== end && at < lines.length);
    }
    const code = /# (?:ends with|kết thúc với) ([0-9])/.exec(text)?.[1];
    commands.push({ text, code: Number(code ?? 0) });
  }
  return commands;
}

/** A command without its remark. */
export function bare({ text }: GuideCommand): string {
  return text.replace(/ +# .*$/, '');
}

export function guidePage(language: 'en' | 'vi'): string {
  const name = language === 'en' ? 'source-agency.md' : 'source-agency.vi.md';
  return readFileSync(new URL(`../../../../docs/guides/${name}`, import.meta.url), 'utf8');
}
