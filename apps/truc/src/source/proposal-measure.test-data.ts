import type { TableProposal } from '@truc/mapping-proposal';
import { parse } from 'yaml';

/** A mapping that people made: for each column of each table the elements, none where it is left out. */
export interface HiddenMapping {
  readonly tables: readonly {
    readonly table: string;
    readonly identification: { readonly column: string; readonly element: string };
    readonly columns: readonly { readonly column: string; readonly element: string | null }[];
  }[];
}

/** How proposals stand against a mapping that they did not know, in entries. */
export interface Measure {
  /** Entries that name an element. */
  readonly entries: number;
  readonly right: number;
  /** Another element, or one for a column that the mapping leaves out. */
  readonly wrong: number;
  readonly notAtAll: number;
  /** Columns that the mapping leaves out. */
  readonly leftOut: number;
}

export function hiddenMapping(yaml: string): HiddenMapping {
  return parse(yaml) as HiddenMapping;
}

type Proposed = Pick<TableProposal, 'columns'> & { readonly table: string };

export function measure(proposed: readonly Proposed[], hidden: HiddenMapping): Measure {
  const total = { entries: 0, right: 0, wrong: 0, notAtAll: 0, leftOut: 0 };
  for (const { table, columns } of hidden.tables) {
    const found = proposed.find((one) => one.table === table);
    for (const name of new Set(columns.map(({ column }) => column))) {
      const wanted = columns.flatMap(({ column, element }) => (column === name && element !== null ? [element] : []));
      const given = found?.columns.find(({ column }) => column === name)?.proposals.map(({ element }) => element) ?? [];
      const right = wanted.filter((element) => given.includes(element)).length;
      const surplus = given.length - right;
      total.entries += wanted.length;
      total.right += right;
      total.wrong += surplus;
      total.notAtAll += Math.max(0, wanted.length - right - surplus);
      if (wanted.length === 0) total.leftOut += 1;
    }
  }
  return total;
}

export function sum(measures: readonly Measure[]): Measure {
  const add = (key: keyof Measure): number => measures.reduce((total, one) => total + one[key], 0);
  return { entries: add('entries'), right: add('right'), wrong: add('wrong'), notAtAll: add('notAtAll'), leftOut: add('leftOut') };
}
