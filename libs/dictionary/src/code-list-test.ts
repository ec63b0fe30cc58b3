import type { CodeList } from './code-list.js';
import type { DictionaryRelease } from './dictionary-release.js';
import type { ValueDomain } from './entry.js';
import type { ValueReason } from './value-violation.js';

/** @param day as `dayNumber` makes it */
export type CodeListTest = (code: string, day: number) => ValueReason | null;

/**
 * Rule V3 for a domain: the code is in force on the day it applies to. Null where nothing can be judged: no list, an open one, or one that is not loaded.
 *
 * Administrative units go back over the reform of 2025: a day before the list begins is judged by the list `<name>-pre-2025`, and by nothing while that is not loaded.
 */
export function codeListTest(domain: ValueDomain, release: DictionaryRelease): CodeListTest | null {
  const list = domain.codeList === null ? null : release.codeList(domain.codeList);
  if (list === null || list.open) return null;
  const byList = listTest(list);
  if (domain.checkRule !== 'administrative-unit-as-of') return byList;
  const former = release.codeList(`${list.urn}-pre-2025`);
  const byFormer = former === null || former.open ? null : listTest(former);
  return (code, day) => {
    if (!list.startsAfter(day)) {
      const reason = byList(code, day);
      // A unit that the reform dissolved is known, and no longer there.
      return reason === 'not-in-code-list' && former?.has(code) === true ? 'not-in-force' : reason;
    }
    return byFormer === null ? null : byFormer(code, day);
  };
}

function listTest(list: CodeList): CodeListTest {
  return (code, day) => {
    if (list.isListed(code, list.judgingDay(day))) return null;
    return list.has(code) ? 'not-in-force' : 'not-in-code-list';
  };
}
