import type { RecordedEvent } from '../event-history.js';
import { FindingDraft } from '../finding-draft.js';
import type { ExpectedGap } from '../scenario.js';
import type { Finding } from '../verdict.js';

type Told = RecordedEvent & { readonly kind: 'gap' | 'gap-resolved' };

/**
 * I9: where data cannot be recovered the gap is named, once, for what it is, and then resolved; where it can, none is.
 * @param expected the gaps that there must be, and no others @param sourcesAsked how many sources told their state
 */
export function judgeGaps(events: readonly RecordedEvent[], expected: readonly ExpectedGap[], sourcesAsked: number): Finding {
  const draft = new FindingDraft('I9');
  draft.checked = sourcesAsked;
  draft.say(`${sourcesAsked} sources were asked for their state`);
  const told = new Map<string, Told[]>();
  for (const event of events) {
    if (event.kind !== 'gap' && event.kind !== 'gap-resolved') continue;
    const gap = `${event.name} of ${event.agency}/${event.source}`;
    told.set(gap, [...(told.get(gap) ?? []), event]);
    if (event.kind === 'gap') draft.say(`gap ${gap}: ${event.message}`);
  }
  const wanted = new Set(expected.map(({ agency, source, code }) => `${code} of ${agency}/${source}`));
  const instead = expected.length === 0 ? 'where everything can be recovered' : 'that is not the one that was made';
  for (const [gap, moments] of told) {
    if (!wanted.has(gap)) draft.violate(`a gap is named ${instead}: ${gap}`);
    else if (moments.at(-1)?.kind !== 'gap-resolved') draft.violate(`the gap ${gap} was not resolved`);
    else if (moments.length > 2) draft.violate(`the gap ${gap} was named again after it was resolved`);
  }
  for (const gap of wanted) if (!told.has(gap)) draft.violate(`data was lost beyond recovery and no gap was named: ${gap} was expected`);
  return draft.finding();
}
