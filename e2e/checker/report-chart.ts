import type { RecordedEvent } from './event-history.js';
import type { FaultSpan } from './fault.js';

type Sample = RecordedEvent & { readonly kind: 'sample' };

interface Series {
  readonly name: string;
  /** Names its colour in the page's style. */
  readonly style: 'one' | 'two';
  /** Null where it could not be asked. */
  readonly values: readonly (number | null)[];
}

interface Panel {
  /** With its unit. */
  readonly title: string;
  readonly series: readonly Series[];
}

const width = 960;
const margin = { left: 64, right: 16, top: 44, bottom: 24 };
const panelHeight = 120;
const panelGap = 40;
const plotWidth = width - margin.left - margin.right;
const ticks = 6;
const samplesMax = 1_000;

/** Faults as numbered bands over what was written and over how far everybody was behind; one scale of time for all, one of values for each. */
export function faultChart(events: readonly RecordedEvent[], faults: readonly FaultSpan[]): string {
  const samples = thinned(events.filter((event): event is Sample => event.kind === 'sample'));
  if (samples.length < 2) return '<p class="quiet">The run was too short for a picture.</p>';
  const endMs = highestOf([...samples.map(({ atMs }) => atMs), ...faults.map(({ startedAtMs, endedAtMs }) => endedAtMs ?? startedAtMs)]);
  const x = (atMs: number): number => margin.left + (atMs / endMs) * plotWidth;
  const panels = panelsOf(samples);
  const height = margin.top + panels.length * (panelHeight + panelGap) + margin.bottom;
  const bottom = height - margin.bottom - panelGap + 8;
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Faults over throughput and lag">`,
    ...faults.map((fault, index) => band(fault, index + 1, x, bottom, endMs)),
    ...panels.map((panel, index) => panelSvg(panel, samples, x, margin.top + index * (panelHeight + panelGap))),
    timeAxis(x, bottom, endMs),
    '</svg>',
  ].join('\n');
}

/** As many as the picture has room for: of a long run, every so many-th. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const step = Math.ceil(samples.length / samplesMax);
  return samples.filter((_, index) => index % step === 0 || index === samples.length - 1);
}

function highestOf(values: readonly number[]): number {
  return values.reduce((highest, value) => Math.max(highest, value), 0);
}

function panelsOf(samples: readonly Sample[]): Panel[] {
  const perSecond = samples.map((sample, index) => {
    const before = samples[index - 1];
    return before === undefined ? null : ((sample.committedOps - before.committedOps) * 1_000) / Math.max(1, sample.atMs - before.atMs);
  });
  return [
    { title: 'Operations committed at the source, a second', series: [{ name: 'committed', style: 'one', values: perSecond }] },
    {
      title: 'Records not yet applied',
      series: [
        { name: 'general database', style: 'one', values: samples.map(({ generalDatabase }) => generalDatabase) },
        { name: 'subscriber', style: 'two', values: samples.map(({ subscriber }) => subscriber) },
      ],
    },
    {
      title: 'Log of the source that its slot is not confirmed for, MiB',
      series: [
        { name: 'unconfirmed', style: 'one', values: samples.map(({ walBytes }) => (walBytes === null ? null : walBytes / 2 ** 20)) },
      ],
    },
  ];
}

function band(
  { kind, target, startedAtMs, endedAtMs }: FaultSpan,
  number: number,
  x: (atMs: number) => number,
  bottom: number,
  endMs: number,
): string {
  const [from, to] = [x(startedAtMs), x(endedAtMs ?? endMs)];
  const seconds = (((endedAtMs ?? endMs) - startedAtMs) / 1_000).toFixed(1);
  const top = margin.top - 24;
  const told = escapeHtml(`${number}: ${kind} ${target}, ${seconds} s`);
  return [
    `<rect class="fault" x="${from.toFixed(1)}" y="${top}" width="${Math.max(2, to - from).toFixed(1)}" height="${bottom - top}"><title>${told}</title></rect>`,
    `<text class="tick" x="${from.toFixed(1)}" y="${top - 4}">${number}</text>`,
  ].join('');
}

function panelSvg({ title, series }: Panel, samples: readonly Sample[], x: (atMs: number) => number, top: number): string {
  const highest = niceCeiling(highestOf([1, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))]));
  const y = (value: number): number => top + panelHeight - (value / highest) * panelHeight;
  const grid = [0, highest / 2, highest].map(
    (value) =>
      `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="${margin.left - 8}" y="${y(value) + 4}" text-anchor="end">${format(value)}</text>`,
  );
  const legend =
    series.length < 2
      ? ''
      : series
          .map(({ name, style }, index) => legendItem(name, style, width - margin.right - (series.length - index) * 140, top - 8))
          .join('');
  const lines = series.map(({ values, style }) => `<path class="line ${style}" d="${path(values, samples, x, y)}"/>`);
  const points = samples.map(({ atMs }, index) => {
    const told = series
      .map(({ name, values }) => `${name}: ${values[index] === null || values[index] === undefined ? 'not known' : format(values[index])}`)
      .join(', ');
    return `<rect class="hover" x="${(x(atMs) - 4).toFixed(1)}" y="${top}" width="8" height="${panelHeight}"><title>${escapeHtml(`${(atMs / 1_000).toFixed(0)} s: ${told}`)}</title></rect>`;
  });
  return [`<text class="title" x="${margin.left}" y="${top - 8}">${escapeHtml(title)}</text>`, legend, ...grid, ...lines, ...points].join(
    '\n',
  );
}

function legendItem(name: string, style: string, x: number, y: number): string {
  return `<line class="line ${style}" x1="${x}" x2="${x + 16}" y1="${y - 4}" y2="${y - 4}"/><text class="tick" x="${x + 22}" y="${y}">${escapeHtml(name)}</text>`;
}

/** Broken where nothing is known. */
function path(
  values: readonly (number | null)[],
  samples: readonly Sample[],
  x: (atMs: number) => number,
  y: (value: number) => number,
): string {
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isDrawing = false;
        return '';
      }
      const command = isDrawing ? 'L' : 'M';
      isDrawing = true;
      return `${command}${x(samples[index]?.atMs ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join('');
}

function timeAxis(x: (atMs: number) => number, bottom: number, endMs: number): string {
  return Array.from({ length: ticks + 1 }, (_, index) => {
    const atMs = (endMs * index) / ticks;
    return `<text class="tick" x="${x(atMs).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${Math.round(atMs / 1_000)} s</text>`;
  }).join('');
}

function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function format(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 10) / 10);
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
