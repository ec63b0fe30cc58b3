import type { Language } from '@truc/kernel';
import type { DatasetPipeline } from './dataset-pipeline.js';
import { columnText, countText, eventsText, leftText, phaseText, snapshotText, type Phase } from './live-text.js';
import type { SnapshotProgressView } from './snapshot-pace.js';

/** Everything that is shown at one moment. */
export interface LiveView {
  readonly phase: Phase;
  readonly elapsedMs: number;
  /** Of the demo's life, in this run. */
  readonly events: number;
  readonly pipelines: readonly DatasetPipeline[];
  readonly snapshot: SnapshotProgressView | null;
}

const noValue = '–';
const barWidthMax = 40;
/** Below this many columns a table cannot be read any more, and each dataset has one short line. */
const tableWidthMin = 76;

/** The lines of a terminal of so many columns; none is longer. */
export function liveLines(view: LiveView, width: number, language: Language): string[] {
  const body =
    width >= tableWidthMin ? table(view.pipelines, width, language) : view.pipelines.map((pipeline) => shortLine(pipeline, language));
  const bar = view.snapshot === null ? [] : ['', snapshotLine(view.snapshot, width, language)];
  return [headLine(view, language), '', ...body, ...bar].map((line) => cut(line, width));
}

/** One line for one dataset, for logs: the same facts with their names. */
export function plainLine(pipeline: DatasetPipeline, language: Language): string {
  const { captured, quarantined, onLog, inGeneralDatabase, atSubscriber, lagMs, snapshot } = pipeline;
  const fact = (name: keyof typeof columnText, value: string): string => `${columnText[name][language]} ${value}`;
  const facts = [
    fact('captured', number(captured, language)),
    fact('quarantined', number(quarantined, language)),
    fact('onLog', number(onLog, language)),
    fact('inGeneralDatabase', number(inGeneralDatabase, language)),
    ...(atSubscriber === 'none' ? [] : [fact('atSubscriber', number(atSubscriber, language))]),
    fact('lag', lag(lagMs, language)),
    ...(snapshot === null || snapshot.isDone
      ? []
      : [snapshotText(language, countText(language, snapshot.rows), countText(language, Math.max(snapshot.rows, snapshot.expected)))]),
  ];
  return `${pipeline.name}: ${facts.join(', ')}`;
}

export function headLine({ phase, elapsedMs, events }: Pick<LiveView, 'phase' | 'elapsedMs' | 'events'>, language: Language): string {
  const parts = ['Trục', phaseText[phase][language], clockText(elapsedMs)];
  if (events > 0) parts.push(eventsText(language, countText(language, events)));
  return parts.join(' · ');
}

export function snapshotLine({ rows, expected, share, secondsLeft }: SnapshotProgressView, width: number, language: Language): string {
  const text = [
    `${Math.floor(share * 100)} %`.padStart(5),
    snapshotText(language, countText(language, rows), countText(language, expected)),
    ...(secondsLeft === null ? [] : [leftText(language, secondsLeft)]),
  ].join('  ');
  const size = Math.min(barWidthMax, width - length(text) - 3);
  if (size < 5) return text.trim();
  const filled = Math.round(size * share);
  return `[${'█'.repeat(filled)}${'░'.repeat(size - filled)}] ${text}`;
}

function table(pipelines: readonly DatasetPipeline[], width: number, language: Language): string[] {
  const columns = ['captured', 'quarantined', 'onLog', 'inGeneralDatabase', 'atSubscriber', 'lag'] as const;
  const head = [columnText.dataset[language], ...columns.map((name) => columnText[name][language])];
  const rows = pipelines.map((pipeline) => [
    pipeline.title[language],
    number(pipeline.captured, language),
    number(pipeline.quarantined, language),
    number(pipeline.onLog, language),
    number(pipeline.inGeneralDatabase, language),
    pipeline.atSubscriber === 'none' ? '' : number(pipeline.atSubscriber, language),
    lag(pipeline.lagMs, language),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => length(row[column] ?? ''))));
  const gaps = widths.length - 1;
  const numbers = widths.slice(1).reduce((total, one) => total + one, 0);
  const gap = ' '.repeat(width - numbers - (widths[0] ?? 0) >= gaps * 3 ? 3 : 1);
  const titleWidth = Math.max(8, Math.min(widths[0] ?? 0, width - numbers - gap.length * gaps));
  return [head, ...rows].map(([title = '', ...cells]) =>
    [
      cut(title, titleWidth) + ' '.repeat(Math.max(0, titleWidth - length(title))),
      ...cells.map((cell, index) => pad(cell, widths[index + 1] ?? 0)),
    ].join(gap),
  );
}

function shortLine({ title, captured, quarantined, inGeneralDatabase, atSubscriber, lagMs }: DatasetPipeline, language: Language): string {
  const ends = [inGeneralDatabase, ...(atSubscriber === 'none' ? [] : [atSubscriber])].map((value) => number(value, language)).join(' ');
  const held =
    quarantined === null || quarantined === 0 ? '' : ` (${countText(language, quarantined)} ${columnText.quarantined[language]})`;
  return `${title[language]}: ${number(captured, language)} > ${ends}${held}  ${lag(lagMs, language)}`;
}

function number(value: number | null, language: Language): string {
  return value === null ? noValue : countText(language, value);
}

function lag(ms: number | null, language: Language): string {
  return ms === null ? noValue : `${countText(language, ms)} ms`;
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Columns that a text takes: our texts are composed (NFC) and have no wide characters. */
function length(text: string): number {
  return [...text].length;
}

function pad(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - length(text))) + text;
}

function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
