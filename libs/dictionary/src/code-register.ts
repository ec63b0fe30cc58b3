import { ruleOfScheme } from '@truc/identity-codes';
import type { CodeList } from './code-list.js';
import type { DictionaryRelease } from './dictionary-release.js';
import { localName } from './element-name.js';
import type { ValueDomain } from './entry.js';
import type { ValueReason } from './value-violation.js';

/** @param day as `dayNumber` makes it */
export type RegisterTest = (code: string, day: number) => ValueReason | null;

/**
 * Rule V8 for a domain that is a scheme of identification codes: what the scheme's register says of a code. The register that a data plane has, ahead of the data and
 * without asking anybody, is the code list that the scheme's domain names, and an open one: a closed list allows nothing else, so rule V3 refuses by it.
 *
 * Null where the domain is no scheme, or its register is not loaded: nothing is marked by what nobody knows.
 */
export function registerTest(domain: ValueDomain, release: DictionaryRelease): RegisterTest | null {
  if (ruleOfScheme(localName(domain.id)) === undefined || domain.codeList === null) return null;
  const register = release.codeList(domain.codeList);
  if (register === null || !register.open || register.size === 0) return null;
  return (code, day) => stateOf(register, code, day);
}

function stateOf(register: CodeList, code: string, day: number): ValueReason | null {
  if (register.isListed(code, day)) return null;
  // What comes later has been neither closed nor superseded.
  if (!register.has(code) || register.beginsAfter(code, day)) return 'not-in-register';
  return register.successorOf(code) === null ? 'closed-in-register' : 'superseded-in-register';
}
