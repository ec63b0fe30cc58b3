import type { Language } from '@truc/kernel';

export interface PrintedPage {
  readonly title: string;
  readonly language: Language;
  /** HTML behind the title. */
  readonly body: string;
  /** Beyond what every page has. */
  readonly style?: string;
}

/** One page without scripts or anything from elsewhere, made for A4: heads are repeated on every sheet, no row is cut, and nothing is told by colour alone. */
export function printedPage({ title, language, body, style = '' }: PrintedPage): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${commonStyle}${style}</style>
</head>
<body>
<h1>${escape(title)}</h1>
${body}
</body>
</html>
`;
}

/** @param rows cells as HTML */
export function pageTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table>\n<thead><tr>${head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('')}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

/** @param items as HTML @returns nothing where there are none */
export function pageList(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
}

/** A text whose names may be broken behind their dots and dashes. */
export function breakable(name: string): string {
  return escape(name).replaceAll(/([.\-_])(?=[a-z])/gi, '$1<wbr>');
}

export function numberText(value: number | null, language: Language): string {
  return value === null ? '' : new Intl.NumberFormat(localeOf(language)).format(value);
}

/** Day and time in Viet Nam. */
export function momentText(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeStyle: 'short', timeZone }).format(ms);
}

/** Day in Viet Nam, short. */
export function dayText(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'short', timeZone }).format(ms);
}

const timeZone = 'Asia/Ho_Chi_Minh';

function localeOf(language: Language): string {
  return language === 'vi' ? 'vi-VN' : 'en-GB';
}

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const commonStyle = `
@page { size: A4 landscape; margin: 12mm; }
body { font: 10pt/1.4 system-ui, 'Noto Sans', 'Segoe UI', sans-serif; color: #111; max-width: 1200px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 16pt; margin: 0; } h2 { font-size: 12pt; margin: 1.2rem 0 .4rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; } thead { display: table-header-group; }
th, td { text-align: left; vertical-align: top; padding: .25rem .4rem; border-bottom: 1px solid #999; } th { border-bottom: 2px solid #111; }
tr { break-inside: avoid; } td ul { margin: 0; padding-left: 1em; } code { white-space: pre-wrap; overflow-wrap: anywhere; }
svg { vertical-align: middle; } svg rect { fill: #333; } svg path { stroke: #999; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
`;
