import type { RecordedEvent } from './event-history.js';
import { invariantNames, invariantSentences, type InvariantName } from './invariant-name.js';
import { escapeHtml, faultChart } from './report-chart.js';
import { reportStyle } from './report-style.js';
import type { InvariantState, Verdict, Violation } from './verdict.js';

const stateStyles: Readonly<Record<InvariantState, string>> = { held: 'good', violated: 'bad', 'not evaluated': 'open' };

export interface ReportFacts {
  readonly verdict: Verdict;
  /** What the scenario does, one sentence. */
  readonly describes: string;
  readonly events: readonly RecordedEvent[];
  /** The command that does the same again. */
  readonly repeat: string;
}

/** The report of a run as one page that needs nothing beside it. */
export function reportPage({ verdict, describes, events, repeat }: ReportFacts): string {
  const { scenario, plant, transactions, operations, faults, violations, recoverySeconds } = verdict;
  const isHeld = violations.length === 0;
  const recovery = recoverySeconds === null ? 'lag never came to 0' : `lag was 0 ${recoverySeconds.toFixed(1)} s after the last fault`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(scenario)}: ${isHeld ? 'held' : 'violated'}</title><style>${reportStyle}</style></head>
<body><main>
<h1>${escapeHtml(scenario)}</h1>
<p class="quiet">${escapeHtml(describes)}</p>
<p class="verdict ${isHeld ? 'good' : 'bad'}">${isHeld ? 'Everything held.' : `${violations.length} violations`}</p>
<p>${transactions.toLocaleString('en')} transactions with ${operations.toLocaleString('en')} operations, ${faults.length} faults; ${recovery}.${plant === null ? '' : ` Built in: ${escapeHtml(plant)}.`}</p>
<pre>${escapeHtml(repeat)}</pre>
${isHeld ? '' : `<h2>Violations</h2>${violations.map(violationHtml).join('\n')}`}
<h2>Faults over throughput and lag</h2>
<div class="wide">${faultChart(events, faults)}</div>
<h2>Invariants</h2>
<div class="wide"><table><tbody>${invariantNames.map((name) => invariantRow(name, verdict)).join('\n')}</tbody></table></div>
<h2>Faults</h2>
<div class="wide"><table><thead><tr><th>Number</th><th>From</th><th>To</th><th>Fault</th></tr></thead><tbody>${faults.map(faultRow).join('\n')}</tbody></table></div>
<h2>What happened</h2>
<div class="wide"><table><tbody>${events.flatMap(happening).join('\n')}</tbody></table></div>
</main></body></html>
`;
}

function violationHtml({ invariant, message, steps }: Violation): string {
  const sequence = steps.length === 0 ? '' : `<pre>${steps.map(escapeHtml).join('\n')}</pre>`;
  return `<p><span class="bad">${invariant}</span> ${escapeHtml(message)}</p>${sequence}`;
}

function invariantRow(name: InvariantName, { invariants, evidence }: Verdict): string {
  const state = invariants[name];
  const lines = (evidence[name] ?? []).map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  return `<tr><th>${name}</th><td class="${stateStyles[state]}">${state}</td><td>${escapeHtml(invariantSentences[name])}${lines === '' ? '' : `<ul>${lines}</ul>`}</td></tr>`;
}

function faultRow({ kind, target, detail, startedAtMs, endedAtMs }: Verdict['faults'][number], index: number): string {
  const told = `${kind} ${target}${detail === undefined ? '' : ` (${detail})`}`;
  return `<tr><td class="number">${index + 1}</td><td class="number">${seconds(startedAtMs)}</td><td class="number">${endedAtMs === null ? '' : seconds(endedAtMs)}</td><td>${escapeHtml(told)}</td></tr>`;
}

function happening(event: RecordedEvent): string[] {
  const told = sentence(event);
  return told === null ? [] : [`<tr><td class="number">${seconds(event.atMs)}</td><td>${escapeHtml(told)}</td></tr>`];
}

function sentence(event: RecordedEvent): string | null {
  switch (event.kind) {
    case 'phase':
      return event.name;
    case 'note':
      return event.text;
    case 'fault':
      return `fault: ${event.fault.kind} ${event.fault.target}`;
    case 'fault-ended':
      return event.error === null ? 'the fault is over' : `the fault failed: ${event.error}`;
    case 'gap':
      return `gap ${event.name} of ${event.agency}/${event.source}: ${event.message}`;
    case 'gap-resolved':
      return `gap ${event.name} of ${event.agency}/${event.source} resolved`;
    case 'drained':
      return 'everything has arrived';
    case 'replayed':
      return `${event.records} records of ${event.topic} applied to ${event.target} again`;
    default:
      return null;
  }
}

function seconds(atMs: number): string {
  return `${(atMs / 1_000).toFixed(1)} s`;
}
