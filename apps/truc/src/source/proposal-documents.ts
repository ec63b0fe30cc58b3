import { isAuthority } from '@truc/dictionary';
import {
  sureFrom,
  type ColumnOutcome,
  type ColumnProposal,
  type ProposedTransform,
  type TableProposal,
  type Vocabulary,
} from '@truc/mapping-proposal';
import { Document, isMap, isSeq } from 'yaml';
import type { Language } from '@truc/kernel';
import { asksForALook, lookMark, nothingRemark, percent, proposalRemark, shortName, withheldRemark } from './proposal-words.js';

/** What a person who starts a mapping says of the source. */
export interface SourceNaming {
  readonly agency: string;
  /** Name of the database in documents. */
  readonly database: string;
  readonly schema: string;
}

/** A table that goes into the documents. */
export interface ProposedTable {
  readonly proposal: TableProposal;
  /** Second part of the dataset's name. */
  readonly subject: string;
  readonly publish: boolean;
  /** Why it is not published; null where it is. */
  readonly refused: string | null;
}

const words = {
  noKey: {
    en: 'it has no primary key or unique index over NOT NULL columns: truc source check prints the SQL that gives it one',
    vi: 'bảng không có khóa chính hay chỉ mục duy nhất trên các cột NOT NULL: truc source check in lệnh SQL để thêm khóa',
  },
  noCode: {
    en: 'no code of a person, an enterprise, a parcel or the like was found in its rows or one foreign key away: name it here',
    vi: 'không tìm thấy mã định danh trong dòng hay qua một khóa ngoại: hãy tự nêu ở đây',
  },
  noFields: { en: 'nothing of it was recognised beside its code', vi: 'ngoài mã, không nhận ra cột nào' },
  code: { en: 'whether this is the code of its rows', vi: 'đây có phải mã của dòng không' },
  title: { en: 'give it the title that people know it by', vi: 'đặt tên mà mọi người biết' },
} as const;

/** The tables of which something was recognised, each with a subject of its own. @returns also the names of the others */
export function proposedTables(
  proposals: readonly TableProposal[],
  language: Language,
): { readonly tables: readonly ProposedTable[]; readonly unrecognised: readonly string[] } {
  const subjects = new Set<string>();
  const tables: ProposedTable[] = [];
  const unrecognised: string[] = [];
  for (const proposal of proposals) {
    const published = proposal.columns.flatMap(({ proposals: some }) => some.filter(({ withheld }) => withheld === null));
    if (published.length === 0 && proposal.identification === null) {
      unrecognised.push(proposal.table.table);
      continue;
    }
    const refused = !proposal.table.uniqueKeys.some(({ notNull }) => notNull)
      ? words.noKey[language]
      : proposal.identification === null
        ? words.noCode[language]
        : published.every(({ element }) => element === proposal.identification?.element) && proposal.identification.via !== null
          ? words.noFields[language]
          : null;
    tables.push({ proposal, subject: freeSubject(proposal.table.name, subjects), publish: refused === null, refused });
  }
  return { tables, unrecognised };
}

function freeSubject(name: string, taken: Set<string>): string {
  const plain = name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[đĐ]/g, 'd')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 55);
  const base = plain === '' ? 'table' : plain;
  let subject = base;
  for (let number = 2; taken.has(subject); number++) subject = `${base}-${number}`;
  taken.add(subject);
  return subject;
}

/** The YAML of the datasets: those of published tables. */
export function datasetsYaml(tables: readonly ProposedTable[], { agency, database }: SourceNaming, language: Language): string {
  const texts = tables
    .filter(({ publish }) => publish)
    .map(({ proposal, subject }) => {
      const title = proposal.table.comment ?? proposal.table.name;
      const document = new Document({ dataset: { name: `${database}.${subject}`, agency, title: { vi: title, en: title } } });
      document.commentBefore = ` ${lookMark[language]}: ${words.title[language]}`;
      return document.toString({ lineWidth: 0 });
    });
  return texts.join('---\n');
}

/** The YAML of the source, with a comment before everything that a person should look at. */
export function sourceYaml(tables: readonly ProposedTable[], naming: SourceNaming, vocabulary: Vocabulary, language: Language): string {
  const { agency, database, schema } = naming;
  const content = {
    version: '1.0.0',
    source: { agency, database, schema, name: { vi: database, en: database } },
    tables: tables.map((table) => tableEntry(table, naming, vocabulary, language)),
  };
  // What stands twice is written twice: documents have no anchors.
  const document = new Document(content, { aliasDuplicateObjects: false });
  const list = document.get('tables');
  for (const [index, { proposal }] of tables.entries()) {
    const node: unknown = isSeq(list) ? list.items[index] : null;
    if (!isMap(node)) continue;
    const { identification } = proposal;
    if (identification === null || identification.confidence < sureFrom) {
      const pair = node.items.find(({ key }) => String(key) === 'identification');
      const sure = identification === null ? words.noCode[language] : `${words.code[language]} (${percent(identification.confidence)})`;
      if (pair !== undefined && typeof pair.key === 'object' && pair.key !== null)
        (pair.key as { commentBefore?: string }).commentBefore = ` ${lookMark[language]}: ${sure}`;
    }
    const columns = node.get('columns');
    const outcomes = proposal.columns.flatMap((outcome) => entriesOf(outcome).map(() => outcome));
    for (const [place, outcome] of outcomes.entries()) {
      const item: unknown = isSeq(columns) ? columns.items[place] : null;
      if (asksForALook(outcome) && isMap(item)) item.commentBefore = ` ${lookMark[language]}`;
    }
  }
  return document.toString({ lineWidth: 0 });
}

/** One entry for each proposal, or one without an element. */
function entriesOf({ proposals }: ColumnOutcome): readonly (ColumnProposal | null)[] {
  return proposals.length === 0 ? [null] : proposals;
}

function tableEntry(
  { proposal, subject, publish, refused }: ProposedTable,
  naming: SourceNaming,
  vocabulary: Vocabulary,
  language: Language,
) {
  const { table, identification } = proposal;
  const key = table.uniqueKeys.find(({ isPrimary }) => isPrimary) ?? table.uniqueKeys.find(({ notNull }) => notNull);
  const dataset = `${naming.database}.${subject}`;
  // Where no code was found the table is not published, and its first column stands where a person writes the code.
  const code = identification ?? {
    column: table.columns[0]?.name ?? '',
    element: masterKeyOf(proposal, vocabulary),
    via: null,
    transform: [],
  };
  return {
    table: table.table,
    subject,
    publish,
    ...(refused === null ? {} : { refused }),
    primaryKey: [...(key?.columns ?? [])],
    identification: { column: code.column, element: code.element, via: code.via, transform: transformValue(code.transform) },
    ...(proposal.referenceDate === null ? {} : { referenceDate: proposal.referenceDate }),
    columns: proposal.columns.flatMap((outcome) =>
      entriesOf(outcome).map((entry) => columnEntry(outcome, entry, { ...naming, dataset }, vocabulary, language)),
    ),
  };
}

function masterKeyOf({ group }: TableProposal, { elements }: Vocabulary): string {
  const known =
    elements.find(({ element, group: own }) => element.isMasterKey && own === group) ?? elements.find(({ element }) => element.isMasterKey);
  return known?.element.urn ?? '';
}

function columnEntry(
  outcome: ColumnOutcome,
  proposal: ColumnProposal | null,
  { agency, dataset }: SourceNaming & { readonly dataset: string },
  { release }: Vocabulary,
  language: Language,
) {
  const { column } = outcome;
  if (proposal === null) return { column, element: null, transform: null, remark: nothingRemark(outcome, language) };
  if (proposal.withheld !== null) return { column, element: null, transform: null, remark: withheldRemark(proposal, language) };
  const element = release.element(proposal.element);
  const isOwn = element === null || isAuthority(element, { agency, dataset });
  return {
    column,
    element: proposal.element,
    transform: transformValue(proposal.transform),
    ...(isOwn ? {} : { reference: true }),
    ...(element?.classification === 'sensitive-personal' ? { protection: 'masked' } : {}),
    remark: `${shortName(proposal.element)} ${proposalRemark(proposal, language)}`,
  };
}

function transformValue(transform: readonly ProposedTransform[]): unknown {
  return transform.length === 0 ? null : transform.length === 1 ? transform[0] : transform;
}
