import { datasetOf, topicNames, type Document, type PolicyEntry } from '@truc/coordination';
import type { PlatformStatus } from '@truc/local-stack';
import { tableLines } from '../output-format.js';

/** Facts of one thing, and tables of what belongs to it. */
export interface Description {
  readonly facts: Readonly<Record<string, string>>;
  readonly sections: readonly { readonly title: string; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }[];
}

/** What is known beside the thing itself: all as far as the caller may read it. */
export interface Neighbourhood {
  readonly documents: readonly Document[];
  readonly entries: readonly PolicyEntry[];
  readonly schemas: PlatformStatus['schemas'];
}

type Of<K extends Document['kind']> = Extract<Document, { kind: K }>;

export function descriptionOf(document: Document, neighbourhood: Neighbourhood): Description {
  switch (document.kind) {
    case 'agency':
      return ofAgency(document, neighbourhood);
    case 'dataset':
      return ofDataset(document, neighbourhood);
    case 'source':
      return ofSource(document);
    case 'contract':
      return ofContract(document, neighbourhood);
  }
}

export function descriptionLines({ facts, sections }: Description): string[] {
  const width = Math.max(...Object.keys(facts).map((name) => name.length)) + 2;
  return [
    ...Object.entries(facts).map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`),
    ...sections.flatMap(({ title, head, rows }) => [
      '',
      title,
      ...(rows.length === 0 ? ['  none'] : tableLines(head, rows).map((line) => `  ${line}`)),
    ]),
  ];
}

function ofAgency({ name, body }: Of<'agency'>, { documents }: Neighbourhood): Description {
  const { scope, name: title } = body.agency;
  const own = documents.filter((document) => document.agency === name && document.kind !== 'agency');
  return {
    facts: {
      agency: name,
      vi: title.vi,
      en: title.en,
      scope: scope === undefined ? 'no bounds' : `${scope.domain}: ${scope.codes.join(', ')}`,
    },
    sections: [{ title: 'documents', head: ['kind', 'name'], rows: own.map((document) => [document.kind, document.name]) }],
  };
}

function ofDataset({ name, body }: Of<'dataset'>, { documents, entries, schemas }: Neighbourhood): Description {
  const { agency, generation, title, partitions, rules, oneRowPerCode } = body.dataset;
  const topic = topicNames.data(agency, name, generation);
  const published = entries.find((entry) => entry.kind === 'dataset' && entry.name === name && entry.generation === generation);
  const policy = published?.kind === 'dataset' ? published : null;
  const choices = Object.entries(rules ?? {}).map(
    ([rule, choice]) => `${rule} ${typeof choice === 'string' ? choice : JSON.stringify(choice)}`,
  );
  return {
    facts: {
      dataset: name,
      title: `${title.vi} / ${title.en}`,
      agency,
      generation: String(generation),
      topic: `${topic}, ${partitions} partitions`,
      quarantine: topicNames.quarantine(agency, name),
      schema: schemas.find(({ subject }) => subject === `${topic}-value`)?.state ?? 'unknown',
      key: policy === null ? 'not published yet: no source has a table for it' : `${policy.scheme} of ${policy.codeElement}`,
      rules: choices.join(', ') || 'every violation is held back',
      'one row per code': oneRowPerCode === true ? 'yes' : 'no',
    },
    sections: [
      {
        title: 'fields',
        head: ['field', 'element', 'role', 'protection', 'required'],
        rows: (policy?.fields ?? []).map(({ name: field, element, role, protection, required }) => [
          field,
          element,
          role,
          protection,
          required ? 'yes' : '',
        ]),
      },
      {
        title: 'sources',
        head: ['source', 'table'],
        rows: documents.flatMap((document) =>
          document.kind !== 'source'
            ? []
            : document.body.tables
                .filter((table) => table.publish && datasetOf(document.body, table) === name)
                .map(({ table }) => [document.name, table]),
        ),
      },
      { title: 'contracts', head: ['contract', 'consumer', 'from', 'to'], rows: contractRows(documents, name) },
    ],
  };
}

function contractRows(documents: readonly Document[], dataset: string): string[][] {
  return documents.flatMap((document) => {
    if (document.kind !== 'contract' || document.body.contract.dataset !== dataset) return [];
    const { name, consumer, validFrom, validTo } = document.body.contract;
    return [[name, consumer, validFrom, validTo ?? '']];
  });
}

function ofSource({ name, body }: Of<'source'>): Description {
  const { agency, database, schema, name: title } = body.source;
  return {
    facts: { source: name, title: `${title.vi} / ${title.en}`, agency, database, schema },
    sections: body.tables.map((table) => ({
      title: table.publish
        ? `table ${table.table}, to ${datasetOf(body, table)}, code ${table.identification.column} (${table.identification.element})`
        : `table ${table.table}, not published${(table.refused ?? '') === '' ? '' : `: ${table.refused}`}`,
      head: ['column', 'element', 'transform'],
      rows: table.columns.map(({ column, element, transform }) => [
        column,
        element ?? '-',
        transform === null ? '' : JSON.stringify(transform),
      ]),
    })),
  };
}

function ofContract({ name, body }: Of<'contract'>, { entries, schemas }: Neighbourhood): Description {
  const { consumer, dataset, elements, purpose, legalBasis, validFrom, validTo, target } = body.contract;
  const policy = entries.find((entry) => entry.kind === 'contract' && entry.name === name);
  const viewId = policy?.kind === 'contract' ? policy.viewId : null;
  const view = entries.find((entry) => entry.kind === 'view' && entry.id === viewId);
  const topic = view?.kind === 'view' ? view.topic : null;
  return {
    facts: {
      contract: name,
      consumer,
      dataset,
      purpose: `${purpose.vi} / ${purpose.en}`,
      'legal basis': legalBasis,
      days: `${validFrom} to ${validTo ?? 'further notice'}`,
      target: `table ${target.table} in ${target.database}`,
      view: topic ?? 'not published yet',
      schema: schemas.find(({ subject }) => subject === `${topic}-value`)?.state ?? 'unknown',
    },
    sections: [{ title: 'elements', head: ['element'], rows: elements.map((element) => [element]) }],
  };
}
