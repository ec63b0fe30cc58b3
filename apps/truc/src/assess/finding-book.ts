import type { DictionaryRelease } from '@truc/dictionary';
import type { Bilingual } from '@truc/kernel';
import type { CompiledTable, SourceColumn } from '@truc/mapping';
import type { RowReason, SourceText } from '@truc/pipeline';
import { codeFaults, type AssessedElement, type AssessedFinding, type CodeFault, type FindingKind } from './assessment.js';
import { codeFaultOf } from './code-fault.js';
import { MaskedExamples, maskOf } from './masked-examples.js';
import { FoundRows, pageOf } from './row-tally.js';
import { countedShare, type ShareEstimate } from './share-estimate.js';

export interface FindingBookOptions {
  readonly compiled: CompiledTable;
  /** Those that are read, in the order of a row's values. */
  readonly columns: readonly SourceColumn[];
  readonly release: DictionaryRelease;
  readonly isSample: boolean;
  /** Fields that hold codes. */
  readonly isCode: ReadonlySet<string>;
}

interface Finding {
  readonly kind: FindingKind;
  readonly rule: string;
  readonly element: string | null;
  readonly field: string;
  readonly column: string | null;
  readonly place: number;
  readonly rows: FoundRows;
  readonly reasons: Map<string, number>;
  readonly examples: MaskedExamples;
}

interface Element {
  readonly element: string;
  readonly label: Bilingual;
  readonly column: string | null;
  readonly place: number;
  filled: number;
  readonly wrong: FoundRows;
  readonly rules: Map<string, number>;
}

type ShareOf = (found: FoundRows) => ShareEstimate;

/** Counts findings by rule and field, by element, and by what is wrong with codes. A row counts once in each. */
export class FindingBook {
  readonly #options: FindingBookOptions;
  readonly #findings = new Map<string, Finding>();
  readonly #elements: ReadonlyMap<string, Element>;
  readonly #codes: Readonly<Record<CodeFault, FoundRows>>;
  readonly #columnOf: ReadonlyMap<string, string>;

  constructor(options: FindingBookOptions) {
    const { compiled, isSample } = options;
    this.#options = options;
    const { fields, identification, codes } = compiled;
    this.#columnOf = new Map([
      ...codes.map(({ field }): [string, string] => [field.field, identification.column]),
      ...fields.flatMap(({ field, column }): [string, string][] => (column === null ? [] : [[field, column]])),
    ]);
    this.#elements = new Map(
      fields.map(({ field, element }) => {
        const column = this.#columnOf.get(field) ?? null;
        const name = plain(element);
        const label = options.release.element(name)?.label ?? { vi: name, en: name };
        return [
          name,
          { element: name, label, column, place: this.#placeOf(column), filled: 0, wrong: new FoundRows(isSample), rules: new Map() },
        ];
      }),
    );
    const faults = codeFaults.map((fault): [CodeFault, FoundRows] => [fault, new FoundRows(isSample)]);
    this.#codes = Object.fromEntries(faults) as Record<CodeFault, FoundRows>;
  }

  /** Every row that is read. */
  see(values: readonly SourceText[]): void {
    for (const element of this.#elements.values()) if (element.place >= 0 && values[element.place] !== null) element.filled += 1;
  }

  take(kind: FindingKind, reasons: readonly RowReason[], values: readonly SourceText[], at: string | null): void {
    if (reasons.length === 0) return;
    const page = pageOf(at);
    const told = new Set<unknown>();
    const once = (what: unknown, count: () => void): void => {
      if (told.has(what)) return;
      told.add(what);
      count();
    };
    for (const reason of reasons) {
      const finding = this.#findingOf(kind, reason);
      once(finding, () => {
        finding.rows.take(page);
        finding.examples.take(finding.place < 0 ? null : (values[finding.place] ?? null), at);
      });
      const word = reason.reason;
      once(`${finding.rule} ${finding.field} ${word}`, () => finding.reasons.set(word, (finding.reasons.get(word) ?? 0) + 1));
      const element = reason.element === null ? undefined : this.#elements.get(plain(reason.element));
      if (element !== undefined) {
        once(element, () => element.wrong.take(page));
        once(`${element.element} ${reason.rule}`, () => element.rules.set(reason.rule, (element.rules.get(reason.rule) ?? 0) + 1));
      }
      const fault = codeFaultOf(reason, this.#isCode(reason));
      if (fault !== null) once(`code ${fault}`, () => this.#codes[fault].take(page));
    }
  }

  /** The most frequent first. */
  findings(share: ShareOf): AssessedFinding[] {
    return [...this.#findings.values()]
      .toSorted((a, b) => b.rows.rows - a.rows.rows)
      .map(({ kind, rule, element, field, column, rows, reasons, examples }) => {
        return { kind, rule, element, field, column, rows: share(rows), reasons: Object.fromEntries(reasons), examples: examples.told() };
      });
  }

  elements(rows: number, share: ShareOf): AssessedElement[] {
    return [...this.#elements.values()].map(({ element, label, column, place, filled, wrong, rules }) => {
      const bad = share(wrong);
      const { interval } = bad;
      const conforming = {
        ...countedShare(rows - bad.rows, rows),
        interval: interval === null ? null : { low: 1 - interval.high, high: 1 - interval.low },
      };
      return { element, label, column, filled: place < 0 ? null : filled, conforming, rules: Object.fromEntries(rules) };
    });
  }

  codes(share: ShareOf): Record<CodeFault, ShareEstimate> {
    const { missing, malformed, unmatched, duplicate } = this.#codes;
    return { missing: share(missing), malformed: share(malformed), unmatched: share(unmatched), duplicate: share(duplicate) };
  }

  #findingOf(kind: FindingKind, { rule, element, field }: RowReason): Finding {
    const name = JSON.stringify([kind, rule, element, field]);
    const known = this.#findings.get(name);
    if (known !== undefined) return known;
    // What the mapping cannot read is told of its column, what a rule forbids of its field.
    const column = this.#columnOf.get(field) ?? (this.#placeOf(field) < 0 ? null : field);
    const examples = new MaskedExamples(maskOf(element, this.#isCode({ element, field }), this.#options.release));
    const made = {
      kind,
      rule,
      element,
      field,
      column,
      place: this.#placeOf(column),
      rows: new FoundRows(this.#options.isSample),
      reasons: new Map(),
      examples,
    };
    this.#findings.set(name, made);
    return made;
  }

  #isCode({ element, field }: Pick<RowReason, 'element' | 'field'>): boolean {
    const { isCode, compiled } = this.#options;
    if (isCode.has(field)) return true;
    const own = compiled.fields.find((one) => element !== null && plain(one.element) === plain(element));
    return own !== undefined && isCode.has(own.field);
  }

  #placeOf(column: string | null): number {
    return column === null ? -1 : this.#options.columns.findIndex(({ name }) => name === column);
  }
}

function plain(element: string): string {
  return element.replace(/@[^@]*$/, '');
}
