import type { DataElement, DictionaryRelease, ValueDomain } from '@truc/dictionary';
import type { Withheld } from './proposal.js';
import { WordWeights, wordsOf } from './word.js';

/** An element as it may be called, and what tells it from others of the same kind. */
export interface KnownElement {
  readonly element: DataElement;
  readonly domain: ValueDomain;
  /** Part of the name before the dot: `person`. */
  readonly group: string;
  /** What it is called: Vietnamese, English, and its own name. */
  readonly phrases: readonly (readonly string[])[];
  /** Sentences that explain it. */
  readonly definitions: readonly (readonly string[])[];
  /** What its value domain is called, and the code whose domain it is. */
  readonly domainPhrases: readonly (readonly string[])[];
  /** Words of the Vietnamese label that its value domain's label lacks: the role that the value plays. */
  readonly roleWords: readonly string[];
  readonly withheld: Withheld | null;
}

/** What of a dictionary a name can be compared with. */
export interface Vocabulary {
  readonly release: DictionaryRelease;
  readonly elements: readonly KnownElement[];
  readonly weights: WordWeights;
  /** Labels of the groups' things, by group: `Doanh nghiệp`, `Enterprise`. */
  readonly groupWords: ReadonlyMap<string, ReadonlySet<string>>;
  /** Groups without a master key: parts of things, such as addresses, that any table may have. */
  readonly partGroups: ReadonlySet<string>;
  /** Groups whose keys are codes of lists: what such a code refers to is no subject of the table that has it, unless it is the table's own key. */
  readonly listGroups: ReadonlySet<string>;
  /** By value domain that is a master key's: the groups whose things it identifies. */
  readonly groupsOfKey: ReadonlyMap<string, ReadonlySet<string>>;
}

/** @param groupLabels of groups, by code, where they are known; a group's own name serves where they are not */
export function vocabularyOf(release: DictionaryRelease, groupLabels: ReadonlyMap<string, readonly string[]> = new Map()): Vocabulary {
  const elements = release.elements().flatMap((element): KnownElement[] => {
    const domain = release.valueDomain(element.valueDomain);
    if (domain === null || element.status === 'retired') return [];
    const [group = '', name = ''] = element.urn.slice(element.urn.lastIndexOf(':') + 1).split('.');
    const label = wordsOf(element.label.vi);
    const ofDomain = new Set(wordsOf(domain.label.vi));
    return [
      {
        element,
        domain,
        group,
        phrases: [label, wordsOf(element.label.en), wordsOf(name)],
        definitions: [wordsOf(element.definition.vi)],
        domainPhrases: [wordsOf(domain.label.vi), wordsOf(domain.label.en)],
        roleWords: label.filter((word) => !ofDomain.has(word)),
        withheld: withheldOf(element),
      },
    ];
  });
  const keyPhrases = new Map<string, (readonly string[])[]>();
  for (const { element, domain, phrases } of elements)
    if (element.isMasterKey) keyPhrases.set(domain.id, [...(keyPhrases.get(domain.id) ?? []), ...phrases.slice(0, 2)]);
  const groups = new Set(elements.map(({ group }) => group));
  const groupWords = new Map(
    [...groups].map((group) => [group, new Set([group.replaceAll('-', ' '), ...(groupLabels.get(group) ?? [])].flatMap(wordsOf))]),
  );
  const groupsOfKey = new Map<string, Set<string>>();
  const keyed = new Set<string>();
  for (const { element, domain, group } of elements) {
    if (!element.isMasterKey) continue;
    keyed.add(group);
    groupsOfKey.set(domain.id, (groupsOfKey.get(domain.id) ?? new Set()).add(group));
  }
  return {
    release,
    elements: elements.map((known) => ({ ...known, domainPhrases: [...known.domainPhrases, ...(keyPhrases.get(known.domain.id) ?? [])] })),
    weights: new WordWeights(elements.flatMap(({ phrases }) => phrases)),
    groupWords,
    partGroups: new Set([...groups].filter((group) => !keyed.has(group))),
    listGroups: new Set(
      [...keyed].filter((group) =>
        elements.every((one) => one.group !== group || !one.element.isMasterKey || one.domain.codeList !== null),
      ),
    ),
    groupsOfKey,
  };
}

function withheldOf({ classification, status }: DataElement): Withheld | null {
  if (classification === 'state-secret') return 'state-secret';
  if (status === 'deprecated') return 'deprecated';
  return status === 'approved' ? null : 'not-approved';
}
