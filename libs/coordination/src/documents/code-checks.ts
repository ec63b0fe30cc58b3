import { messageIn, type Bilingual } from '@truc/kernel';
import { canonicalText, columnsOf, parseTransform, parseVia, type Via } from '@truc/mapping';
import { codeCasesOf } from '../code-cases.js';
import type { PublishedTable } from './document-set.js';
import { farCodeSql } from './mending-sql.js';
import type { Place, ProblemList } from './problem.js';
import type { Path } from './yaml-text.js';
import type { DictionaryRelease } from '@truc/dictionary';

interface Judged extends PublishedTable {
  readonly release: DictionaryRelease;
  readonly problems: ProblemList;
  /** False of a table that was applied earlier and is not what this apply is about: rules that came later do not refuse it. */
  readonly isAtHand: boolean;
  place(...path: Path): Place;
}

/** The code must be known for every row: in it, or one foreign key away. */
export function checkCodePath(judged: Judged): void {
  const { table, source, problems, place } = judged;
  const { column, via: text, transform } = table.identification;
  const at = place('identification', text === null ? 'column' : 'via');
  const invalid = (reason: Bilingual): void =>
    problems.add(at, 'MAPPING_VIA_INVALID', { table: table.table, reason: reason[problems.language] });
  let via: Via;
  try {
    via = parseVia(text);
  } catch (error) {
    const reason = messageIn(error, problems.language);
    return invalid({ en: reason, vi: reason });
  }
  const columns = columnsOf(column);
  switch (via.kind) {
    case 'row':
      if (columns.length > 1)
        invalid({
          en: `(${columns.join(', ')}) are several columns and one code; make it of them with via: expression, or name the table that has it`,
          vi: `(${columns.join(', ')}) là nhiều cột mà chỉ có một mã; hãy ghép mã bằng via: expression, hoặc nêu bảng có mã`,
        });
      else checkOneText(judged);
      return checkCases(judged);
    case 'expression':
      if (firstOperation(transform) !== 'format')
        problems.add(place('identification', 'transform'), 'MAPPING_VIA_EXPRESSION', { table: table.table });
      return checkOneText(judged);
    case 'parent':
      if (columns.length !== via.parent.key.length) {
        invalid({
          en: `${columns.length} columns (${columns.join(', ')}) for a key of ${via.parent.key.length} (${via.parent.key.join(', ')}); name one for each, in the same order`,
          vi: `${columns.length} cột (${columns.join(', ')}) cho khóa gồm ${via.parent.key.length} cột (${via.parent.key.join(', ')}); hãy nêu đủ, cùng thứ tự`,
        });
      }
      return undefined;
    case 'far': {
      const values = { table: table.table, via: text ?? '', count: String(via.tables.length), code: via.code };
      problems.add(at, 'MAPPING_VIA_FAR', { ...values, sql: farCodeSql(source.body, table, via) });
    }
  }
}

/** The field that repeats the code is compared with it at every consumer's door. */
function checkOneText({ table, problems, isAtHand, place }: Judged): void {
  if (!isAtHand) return;
  const { column, element, transform } = table.identification;
  const entry = table.columns.find((one) => one.column === column && one.element === element);
  if (entry === undefined || transform === null || canonicalText(transform) === canonicalText(entry.transform)) return;
  problems.add(place('identification', 'transform'), 'MAPPING_CODE_TRANSFORM', { table: table.table, column });
}

function checkCases({ table, release, problems, isAtHand, place }: Judged): void {
  if (!isAtHand) return;
  const { contested, sameScheme } = codeCasesOf(table, release);
  for (const { index, first, scheme } of sameScheme) {
    const second = table.columns[index]?.element ?? '';
    problems.add(place('columns', index, 'element'), 'MAPPING_CODE_SCHEME_TWICE', { table: table.table, scheme, first, second });
  }
  for (const { index, first, column, value } of contested) {
    const second = table.columns[index]?.element ?? '';
    problems.add(place('columns', index, 'transform'), 'MAPPING_CODE_AMBIGUOUS', { table: table.table, column, value, first, second });
  }
}

function firstOperation(transform: unknown): string | null {
  try {
    return parseTransform(transform, '')[0]?.op ?? null;
  } catch {
    // It is told where the transform stands.
    return 'format';
  }
}
