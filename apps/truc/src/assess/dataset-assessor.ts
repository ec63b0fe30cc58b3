import { choiceOf, isMasterKeyOrRefersToOne, schemeOfElement, type DictionaryRelease } from '@truc/dictionary';
import type { Clock } from '@truc/kernel';
import { DatasetCapture, secondRowOf, type RowReason, type RowVerdict, type SourceRelation, type SourceText } from '@truc/pipeline';
import type { ReadRow, ReadingPlan, TableFacts } from '@truc/source-survey';
import { isCodeRule } from '@truc/identity-codes';
import type { MappedTable } from '../source/source-mapping.js';
import type { AssessedElement, AssessedFinding, CodeFault } from './assessment.js';
import { FindingBook } from './finding-book.js';
import { mendableColumns } from './mendable-columns.js';
import { MendingTrials, type ProvenMending } from './mending-trials.js';
import type { OwnCodes } from './own-codes.js';
import type { PageParents } from './page-parents.js';
import { FoundRows, pageOf, RowTally } from './row-tally.js';
import type { ShareEstimate } from './share-estimate.js';
import { streamedColumns } from './streamed-columns.js';

export interface AssessorOptions {
  readonly mapped: MappedTable;
  readonly facts: TableFacts;
  readonly release: DictionaryRelease;
  readonly clock: Clock;
  readonly plan: ReadingPlan;
  readonly parents: PageParents;
  readonly ownCodes: OwnCodes;
  /** server_version_num. */
  readonly version: number;
}

/** What was found of one dataset's rows. */
export interface JudgedRows {
  readonly rowsRead: number;
  readonly conforming: ShareEstimate;
  readonly elements: readonly AssessedElement[];
  readonly findings: readonly AssessedFinding[];
  readonly codes: Readonly<Record<CodeFault, ShareEstimate>>;
  readonly duplicatesAreComplete: boolean;
  readonly mendings: readonly ProvenMending[];
}

/** Codes that are remembered to tell equal ones. */
const codesMax = 2_000_000;
/** Nothing is encoded here, so that any ids will do. */
const noIds = { key: 0, value: 0 };

/**
 * Judges the rows of one table as its capture will: by the same object, so that both say the same of each row. Keeps counts and masked examples, and no row.
 * @throws TrucError MAPPING_* where the mapping does not fit the table
 */
export class DatasetAssessor {
  /** What has to be read of each row. */
  readonly relation: SourceRelation;
  readonly #options: AssessorOptions;
  readonly #capture: DatasetCapture;
  readonly #tally: RowTally;
  readonly #conforming: FoundRows;
  readonly #book: FindingBook;
  readonly #trials: MendingTrials;
  readonly #seen = new Set<string>();
  /** Fields that hold the codes of things, with their scheme: what may refer to another table. */
  readonly #referring: readonly { readonly field: string; readonly element: string; readonly scheme: string }[];
  #knowsAllCodes = true;

  constructor(options: AssessorOptions) {
    const { mapped, facts, release, clock, plan, parents, version } = options;
    const { policy, dataset, compiled } = mapped;
    this.#options = options;
    const read = new Set(compiled.columns);
    const columns = streamedColumns(facts, version).filter(({ name }) => read.has(name));
    compiled.bind(columns, parents);
    this.relation = { schema: facts.schema, table: facts.name, columns };
    this.#capture = new DatasetCapture(policy, dataset, release, noIds, clock, parents);
    const isSample = plan.kind === 'sample';
    this.#tally = new RowTally(isSample);
    this.#conforming = new FoundRows(isSample);
    const isCode = codeFieldsOf(mapped, release);
    this.#book = new FindingBook({ compiled, columns, release, isSample, isCode });
    this.#trials = new MendingTrials(facts.table, mendableColumns(mapped, facts, columns, release), (values) => this.#found(values));
    this.#referring = dataset.fields.flatMap(({ name, element: urn, isList }) => {
      const element = release.element(urn);
      if (element === null || isList === true || !isMasterKeyOrRefersToOne(element, release)) return [];
      return [{ field: name, element: element.urn, scheme: schemeOfElement(element) }];
    });
  }

  take(rows: readonly ReadRow[]): void {
    for (const row of rows) this.#take(row);
  }

  result(): JudgedRows {
    const share = (found: FoundRows): ShareEstimate => this.#tally.share(found);
    return {
      rowsRead: this.#tally.rows,
      conforming: share(this.#conforming),
      elements: this.#book.elements(this.#tally.rows, share),
      findings: this.#book.findings(share),
      codes: this.#book.codes(share),
      duplicatesAreComplete: this.#knowsAllCodes && this.#options.plan.kind === 'whole',
      mendings: this.#trials.proven(),
    };
  }

  #take({ values, place }: ReadRow): void {
    const { dataset } = this.#options.mapped;
    const page = pageOf(place);
    const verdict = this.#capture.judge(this.relation, values, this.#options.clock.now());
    this.#tally.take(page);
    this.#book.see(values);
    let held: readonly RowReason[] = verdict.kind === 'bad' ? verdict.reasons : [];
    let marks: readonly RowReason[] = verdict.marks;
    this.#trials.take(values, foundIn(verdict));
    if (verdict.kind === 'good' && this.#isSecond(verdict.key.code)) {
      const second = secondRowOf(dataset);
      if (choiceOf(second, dataset.rules ?? {}) === 'pass') marks = [...marks, second];
      else held = [second];
    }
    if (held.length === 0) this.#conforming.take(page);
    this.#book.take('held', held, values, place);
    this.#book.take('marked', marks, values, place);
    const key = verdict.kind === 'good' ? verdict.key : this.#capture.publishedKey(this.relation, values);
    if (key !== null) this.#keep(key, place);
    if (verdict.kind === 'good') this.#refer(verdict.row, key?.code ?? null, place);
  }

  #isSecond(code: string): boolean {
    if (this.#options.mapped.dataset.oneRowPerCode !== true) return false;
    if (this.#seen.has(code)) return true;
    if (this.#seen.size >= codesMax) this.#knowsAllCodes = false;
    else this.#seen.add(code);
    return false;
  }

  #keep({ scheme, code }: { readonly scheme: string; readonly code: string }, place: string | null): void {
    const { ownCodes, mapped } = this.#options;
    const { table } = mapped.compiled;
    if (ownCodes.isHome(scheme, table)) ownCodes.keep(scheme, code);
    else if (ownCodes.hasHome(scheme)) {
      ownCodes.refer(scheme, { table, field: mapped.dataset.codeField, element: mapped.dataset.codeElement }, code, place);
    }
  }

  /** Fields beside the row's own code. */
  #refer(row: Readonly<Record<string, unknown>>, own: string | null, place: string | null): void {
    const { ownCodes, mapped } = this.#options;
    const { table } = mapped.compiled;
    for (const { field, element, scheme } of this.#referring) {
      const code = row[field];
      if (typeof code === 'string' && code !== own && ownCodes.hasHome(scheme))
        ownCodes.refer(scheme, { table, field, element }, code, place);
    }
  }

  /** Everything that is found in a row by itself. */
  #found(values: readonly SourceText[]): readonly RowReason[] {
    return foundIn(this.#capture.judge(this.relation, values, this.#options.clock.now()));
  }
}

function foundIn(verdict: RowVerdict): readonly RowReason[] {
  return verdict.kind === 'bad' ? [...verdict.reasons, ...verdict.marks] : verdict.marks;
}

/** Fields that hold codes: those of schemes of identification, and those of code lists. */
function codeFieldsOf({ dataset }: MappedTable, release: DictionaryRelease): ReadonlySet<string> {
  const own = [dataset.codeField, ...(dataset.otherCodes ?? []).map(({ field }) => field)];
  const others = dataset.fields.flatMap(({ name, element }) => {
    const definition = release.element(element);
    const domain = definition === null ? null : release.valueDomain(definition.valueDomain);
    return domain !== null && (domain.codeList !== null || isCodeRule(domain.checkRule)) ? [name] : [];
  });
  return new Set([...own, ...others]);
}
