import { checkCode, statedByPersonalId } from '@truc/identity-codes';
import type { Row, RowValue } from '@truc/kernel';
import type { DictionaryRelease } from './dictionary-release.js';
import { parseElementReference } from './element-name.js';
import type { FieldPolicy } from './field-policy.js';
import type { ValueMark, ValueReason } from './value-violation.js';
import { yearOfDays } from './vietnam-day.js';

const personalId = 'urn:vn:ddict:element:person.personal-id';
const sex = 'urn:vn:ddict:element:person.sex';
const dateOfBirth = 'urn:vn:ddict:element:person.date-of-birth';

/** By the list `sex`; null for what is neither code. Compared one by one: looking up a text that was met this once costs more. */
function sexOf(code: RowValue | undefined): 'M' | 'F' | null {
  return code === '1' ? 'M' : code === '2' ? 'F' : null;
}

const none: readonly ValueMark[] = Object.freeze([]);

/**
 * Composes what is told to the source about a row that passes: a personal number that states another sex or year of birth than the row, or whose prefix cannot be verified.
 * A correction of sex or birth date can leave such a number, so it is no reason to refuse the row.
 */
export function compileValueMarks(release: DictionaryRelease, fields: readonly FieldPolicy[]): (row: Row) => readonly ValueMark[] {
  const fieldOf = (urn: string) =>
    fields.find((field) => parseElementReference(field.element).urn === urn && release.element(urn) !== null)?.name;
  const [idField, sexField, birthField] = [fieldOf(personalId), fieldOf(sex), fieldOf(dateOfBirth)];
  if (idField === undefined) return () => none;
  const mark = (reason: ValueReason): ValueMark => Object.freeze({ rule: 'V1', element: personalId, field: idField, reason });
  const [prefix, otherSex, otherYear] = [mark('unverifiable-prefix'), mark('sex-mismatch'), mark('birth-year-mismatch')];
  return (row) => {
    const id = row[idField];
    if (typeof id !== 'string') return none;
    const check = checkCode('personal-id-12', id);
    if (check.result !== 'valid') return check.result === 'unverifiable' ? [prefix] : none;
    const stated = statedByPersonalId(id);
    const recorded = sexField === undefined ? null : sexOf(row[sexField]);
    const born = birthField === undefined ? null : row[birthField];
    const isOtherSex = recorded !== null && recorded !== stated?.sex;
    const isOtherYear = typeof born === 'number' && yearOfDays(born) !== stated?.birthYear;
    if (!isOtherSex && !isOtherYear) return none;
    return [...(isOtherSex ? [otherSex] : []), ...(isOtherYear ? [otherYear] : [])];
  };
}
