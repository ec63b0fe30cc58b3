import { readdirSync, readFileSync } from 'node:fs';
import type { DocumentFile } from './documents/yaml-text.js';
import { planApply, type AppliedState, type ApplyPlan } from './plan-apply.js';

const root = new URL('../../../schemas/dictionary/', import.meta.url);
export const dictionary: DocumentFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path: `dictionary/${path}`, text: readFileSync(new URL(path, root), 'utf8') }));

export const nothing: AppliedState = { documents: [], release: null };
export const title = '{vi: a, en: a}';

export function planned(files: readonly DocumentFile[], current = nothing): ApplyPlan {
  const result = planApply(files, current);
  if ('problems' in result) throw new Error(result.problems.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'));
  return result.plan;
}

/** `code line:column` of every problem. */
export function told(files: readonly DocumentFile[], current = nothing): string[] {
  const result = planApply(files, current);
  return 'problems' in result ? result.problems.map(({ code, line, column }) => `${code} ${line}:${column}`) : ['none'];
}

export function stateAfter(plan: ApplyPlan, before = nothing): AppliedState {
  const { newRelease, documents } = plan;
  return { documents, release: newRelease === null ? before.release : { number: newRelease.release.number, content: newRelease.content } };
}

/** What holds once what an apply proposes is approved. */
export function stateAfterApproval({ proposed, documents }: ApplyPlan): AppliedState {
  if (proposed === null) throw new Error('nothing was proposed');
  const { release, content } = proposed.next;
  return { documents, release: { number: release.number, content } };
}

/** The file with `find` replaced, which has to be in it. */
export function edited({ path, text }: DocumentFile, find: string | RegExp, replacement: string): DocumentFile {
  const next = text.replace(find, replacement);
  if (next === text) throw new Error(`${path} does not hold ${find}`);
  return { path, text: next };
}

export function dictionaryFile(name: string): DocumentFile {
  const file = dictionary.find(({ path }) => path.endsWith(`/${name}`));
  if (file === undefined) throw new Error(`the shipped dictionary has no ${name}`);
  return file;
}

/** The shipped dictionary, applied. */
export const withDictionary = stateAfter(planned(dictionary));

export const urn = (name: string): string => `urn:vn:ddict:element:${name}`;

export const catalogue: DocumentFile = {
  path: 'catalogue.yaml',
  text: `agency: {code: G01, name: ${title}}
---
agency: {code: G12.34, name: ${title}}
---
dataset: {name: population.resident, agency: G01, title: ${title}}
`,
};
export const source = (columns: string, more = ''): DocumentFile => ({
  path: 'source.yaml',
  text: `source: {agency: G01, database: population, schema: dancu, name: ${title}}
tables:
  - table: dancu.cong_dan
    subject: resident
    publish: true
    primaryKey: [so_dinh_danh]
    identification: {column: so_dinh_danh, element: ${urn('person.personal-id')}, via: null, transform: null}
    columns:
${columns}${more}`,
});
export const columns = `      - {column: ho_ten, element: ${urn('person.full-name')}, transform: {op: nfc}, required: true}
      - {column: dia_chi, element: ${urn('address.detail')}}
      - {column: anh, element: null}
`;
export const contract = (elements: string): DocumentFile => ({
  path: 'contract.yaml',
  text: `contract:
  name: tax-residents
  consumer: G12.34
  dataset: population.resident
  elements: [${elements}]
  purpose: ${title}
  legalBasis: Law
  validFrom: 2026-01-01
  target: {database: tax, table: resident}
`,
});

export const all = [...dictionary, catalogue, source(columns), contract(urn('person.full-name'))];
