import type { Problem } from '@truc/coordination';
import { contentParts, localName, type DictionaryContent, type EntryChange } from '@truc/dictionary';
import { tableLines } from '../output-format.js';
import type { EntryView, NumberedContent, Origin, Proposal, ProposalLine } from './dictionary-client.js';

/** `2026-11-22 08:15` in Viet Nam, as people there read it. */
export function momentText(iso: string): string {
  const date = new Date(iso);
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh', dateStyle: 'short', timeStyle: 'short' }).format(date);
}

export function changeLines(changes: readonly EntryChange[]): string[] {
  return tableLines(
    ['entry', 'change', 'version', 'status', 'steward', 'what'],
    changes.map(({ id, change, fields, codes, status, version, stewards }) => [
      id,
      change,
      arrow(version.before, version.after),
      arrow(status.before, status.after),
      stewards.map((steward) => steward ?? 'the authority').join(' -> '),
      whatChanged(fields, codes),
    ]),
  );
}

function arrow(before: string | null, after: string): string {
  return before === null || before === after ? after : `${before} -> ${after}`;
}

function whatChanged(fields: readonly string[], codes: EntryChange['codes']): string {
  const counts = codes === null ? '' : `${codes.added} codes added, ${codes.changed} changed, ${codes.removed} removed`;
  const names = fields.filter(
    (field) => field !== 'version' && field !== 'status' && field !== 'steward' && !(field === 'entries' && codes !== null),
  );
  return [...names, counts].filter((text) => text !== '').join(', ');
}

export function proposalLines({ number, base, note, proposer, agency, state, release, proposedAt, changes, events }: Proposal): string[] {
  const said = events.slice(1).map(({ at, principal, event, comment }) => [momentText(at), principal, event, comment]);
  return [
    `proposal ${number}: ${state}${release === null ? '' : `, release ${release}`}`,
    `by ${proposer}${agency === null ? '' : ` (${agency})`}, ${momentText(proposedAt)}, of release ${base}${note === '' ? '' : `: ${note}`}`,
    '',
    ...changeLines(changes),
    ...(said.length === 0 ? [] : ['', ...tableLines(['at', 'who', 'said', 'comment'], said)]),
  ];
}

/** Code lists whose entries nobody has supplied. */
export function notLoaded({ codeLists }: DictionaryContent): string[] {
  return codeLists.flatMap(({ id, entries }) => (entries.length === 0 ? [id] : []));
}

export function overviewLines({ number, content }: NumberedContent, proposals: readonly ProposalLine[]): string[] {
  const counts = contentParts.map((part) => `${content[part].length} ${partNames[part]}`).join(', ');
  const open = proposals.filter(({ state }) => state === 'proposed');
  const rows = open.map((one) => [String(one.number), one.proposer, momentText(one.proposedAt), one.note]);
  const empty = notLoaded(content);
  const unjudged = `rule V3 judges nothing by ${empty.map(localName).join(', ')}: no entries were supplied (truc codelist import)`;
  return [
    `release ${number}: ${counts}`,
    ...(empty.length === 0 ? [] : [unjudged]),
    '',
    ...(rows.length === 0 ? ['no proposal is open'] : tableLines(['proposal', 'by', 'at', 'note'], rows)),
  ];
}

const partNames = { concepts: 'concepts', elements: 'elements', valueDomains: 'value domains', codeLists: 'code lists' } as const;

export function historyLines(history: EntryView['history']): string[] {
  return tableLines(
    ['release', 'version', 'status', 'steward', ...originHead],
    history.map((one) => [String(one.release), one.version, one.status ?? '', one.steward ?? '', ...originCells(one)]),
  );
}

export function releaseLines(releases: readonly (Origin & { readonly number: number })[]): string[] {
  return tableLines(
    ['release', ...originHead],
    releases.map((one) => [String(one.number), ...originCells(one)]),
  );
}

const originHead = ['at', 'approved by', 'proposal', 'proposed by', 'note'] as const;

function originCells({ appliedAt, appliedBy, proposal, proposer, note }: Origin): string[] {
  return [momentText(appliedAt), appliedBy, proposal === null ? '' : String(proposal), proposer ?? '', note ?? ''];
}

/** `file:line:column: what`; what stands in an entry that has no file is shown by its id. */
export function refusalLines(problems: readonly Problem[]): string[] {
  return problems.flatMap(({ file, line, column, message, hint }) => [
    `${file.startsWith('urn:') || file.startsWith('(') ? file : `${file}:${line}:${column}`}: ${message}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ]);
}
