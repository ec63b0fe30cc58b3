import type { Bilingual, Language } from '@truc/kernel';
import type { RuleNotEvaluated, SchemaRule } from './schema-violation.js';
import type { SubjectKind } from './subject-kind.js';

/** What is at hand when a schema is judged. */
export interface KnownFacts {
  readonly kind: SubjectKind['kind'];
  readonly keyOrValue: 'key' | 'value';
  /** Whether the schema could be read at all; where a limit keeps it from being read only the limits are judged. */
  readonly isRead: boolean;
  readonly dataset: boolean;
  readonly view: boolean;
  readonly caller: boolean;
  readonly publisher: boolean;
}

const needs = {
  readable: { en: 'a schema that can be read', vi: 'một lược đồ đọc được' },
  dataset: { en: 'the dataset: which of its fields it requires', vi: 'bộ dữ liệu: những trường mà nó yêu cầu' },
  code: { en: 'the dataset: which element is its code', vi: 'bộ dữ liệu: phần tử nào là mã của nó' },
  masks: { en: 'the view: what its masks make of a field', vi: 'khung nhìn: kiểu dữ liệu sau khi che' },
  caller: { en: 'the agency that registers it', vi: 'cơ quan đăng ký lược đồ' },
  publisher: { en: 'the agency and dataset that publish it', vi: 'cơ quan và bộ dữ liệu công bố' },
  registry: {
    en: "the registry: the subject's level and its versions",
    vi: 'sổ đăng ký lược đồ: mức tương thích và các phiên bản của chủ đề',
  },
} satisfies Record<string, Bilingual>;

/** The rules that what is known does not suffice for. Rules that have nothing to say about the subject are not among them. */
export function rulesNotEvaluated(facts: KnownFacts, language: Language): RuleNotEvaluated[] {
  const missing: [SchemaRule, keyof typeof needs][] = [];
  const isProtected = facts.kind === 'data' || facts.kind === 'view';
  const isValue = facts.keyOrValue === 'value';
  if (isProtected && isValue) {
    if (!facts.isRead) for (const rule of ['D1', 'D2', 'D3'] as const) missing.push([rule, 'readable']);
    else if (facts.kind === 'view' && !facts.view) missing.push(['D2', 'masks']);
    if (!facts.isRead) missing.push(['D4', 'readable']);
    else if (!facts.dataset && !facts.view) missing.push(['D4', 'dataset']);
  }
  if (isProtected && !facts.isRead) missing.push(['D5', 'readable']);
  else if (isProtected && isValue && !facts.dataset) missing.push(['D5', 'code']);
  if (!facts.caller && facts.kind !== 'free') missing.push(['D6', 'caller']);
  if (isProtected && isValue) {
    if (!facts.isRead) for (const rule of ['D7', 'D8', 'D9', 'D10'] as const) missing.push([rule, 'readable']);
    else if (!facts.publisher) missing.push(['D7', 'publisher']);
  }
  if (isProtected) missing.push(['D11', 'registry']);
  return missing.map(([rule, need]) => ({ rule, needs: needs[need][language] }));
}
