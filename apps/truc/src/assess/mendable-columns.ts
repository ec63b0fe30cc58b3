import type { DictionaryRelease, ValueDomain } from '@truc/dictionary';
import type { SourceColumn } from '@truc/mapping';
import type { TableFacts } from '@truc/source-survey';
import type { MappedTable } from '../source/source-mapping.js';
import type { MendableColumn } from './mending-trials.js';

/** Columns of text that a statement may change: not generated, and read by fields of one value that take it as it stands. */
export function mendableColumns(
  { compiled, dataset }: MappedTable,
  facts: TableFacts,
  columns: readonly SourceColumn[],
  release: DictionaryRelease,
): MendableColumn[] {
  return facts.columns.flatMap(({ name, baseType, isGenerated }): MendableColumn[] => {
    const place = columns.findIndex((column) => column.name === name);
    if (place < 0 || isGenerated || !/^(text|character varying)/.test(baseType)) return [];
    const fields = compiled.fields.filter(({ column }) => column === name);
    if (fields.some(({ transform }) => transform !== null && (transform.reads.length !== 1 || transform.list !== null))) return [];
    const codes =
      compiled.identification.parent === null && compiled.identification.reads.includes(name)
        ? compiled.codes.map(({ field }) => field.field)
        : [];
    const names = [...new Set([...fields.map(({ field }) => field), ...codes])];
    if (names.length === 0) return [];
    const digits = new Set(names.map((field) => digitsOf(domainOf(field, compiled.fields, release))));
    const [only] = digits;
    const isAlone = facts.uniqueKeys.some((key) => key.columns.length === 1 && key.columns[0] === name);
    return [
      {
        name,
        place,
        fields: names,
        digits: digits.size === 1 && only !== undefined && only !== null && only <= charsMax(baseType) ? only : null,
        isUnique: isAlone || (codes.length > 0 && dataset.oneRowPerCode === true),
      },
    ];
  });
}

function domainOf(field: string, fields: MappedTable['compiled']['fields'], release: DictionaryRelease): ValueDomain | null {
  const element = fields.find((one) => one.field === field)?.element;
  const definition = element === undefined ? null : release.element(element);
  return definition === null ? null : release.valueDomain(definition.valueDomain);
}

/** How many digits every code of the domain has: of `^[0-9]{12}$` twelve. */
function digitsOf(domain: ValueDomain | null): number | null {
  const [, count] = /^\^(?:\[0-9\]|\\d)\{([0-9]{1,2})\}\$$/.exec(domain?.pattern ?? '') ?? [];
  return count === undefined ? null : Number(count);
}

function charsMax(baseType: string): number {
  const [, length] = /\(([0-9]+)\)/.exec(baseType) ?? [];
  return length === undefined ? Infinity : Number(length);
}
