import { ruleText, schemaRules } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import { violationSentence, type SchemaReport } from './schema-report.js';

/** The report as JUnit's XML: a suite for each file, a case for each rule; a rule that was not evaluated is skipped. */
export function junitReport(report: SchemaReport, language: Language): string {
  const suites = report.files.map((file) => suite(file, report, language));
  const sum = (count: (suite: Suite) => number): number => suites.reduce((total, each) => total + count(each), 0);
  const counts = countsOf({
    tests: sum((s) => s.tests),
    failures: sum((s) => s.failures),
    errors: sum((s) => s.errors),
    skipped: sum((s) => s.skipped),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="truc schema check" ${counts}>`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}
interface Suite extends Counts {
  readonly lines: readonly string[];
}

function suite(file: string, report: SchemaReport, language: Language): Suite {
  const error = report.errors.find((each) => each.file === file);
  if (error !== undefined) {
    const counts = { tests: 1, failures: 0, errors: 1, skipped: 0 };
    const failed = [
      `    <testcase classname=${quoted(file)} name="read">`,
      `      <error type=${quoted(error.code)} message=${quoted(error.message)}/>`,
      '    </testcase>',
    ];
    return { ...counts, lines: [`  <testsuite name=${quoted(file)} ${countsOf(counts)}>`, ...failed, '  </testsuite>'] };
  }
  let failures = 0;
  let skipped = 0;
  const cases = schemaRules.flatMap((rule) => {
    const found = report.violations.filter((violation) => violation.file === file && violation.rule === rule);
    const missing = report.notEvaluated.find((each) => each.rule === rule);
    const open = `    <testcase classname=${quoted(file)} name=${quoted(`${rule}: ${ruleText(rule, language)}`)}`;
    if (found.length > 0) {
      failures += 1;
      const told = found.map((each) => {
        const of = each.element === null ? '' : ` (${each.element})`;
        return `${file}:${each.line}:${each.column}: ${each.path}${of}: ${violationSentence(each, language)}`;
      });
      return [
        `${open}>`,
        `      <failure type=${quoted(rule)} message=${quoted(told[0] ?? '')}>${escaped(told.join('\n'))}</failure>`,
        '    </testcase>',
      ];
    }
    if (missing === undefined) return [`${open}/>`];
    skipped += 1;
    return [`${open}>`, `      <skipped message=${quoted(missing.needs)}/>`, '    </testcase>'];
  });
  const incompatible = report.incompatibilities.filter((each) => each.file === file);
  if (incompatible.length > 0) {
    failures += 1;
    const told = incompatible.map(({ line, column, path, message }) => `${file}:${line}:${column}: ${path}: ${message}`);
    cases.push(
      `    <testcase classname=${quoted(file)} name="FULL_TRANSITIVE">`,
      `      <failure type="FULL_TRANSITIVE" message=${quoted(told[0] ?? '')}>${escaped(told.join('\n'))}</failure>`,
      '    </testcase>',
    );
  }
  const counts = { tests: schemaRules.length + (incompatible.length > 0 ? 1 : 0), failures, errors: 0, skipped };
  return { ...counts, lines: [`  <testsuite name=${quoted(file)} ${countsOf(counts)}>`, ...cases, '  </testsuite>'] };
}

function countsOf({ tests, failures, errors, skipped }: Counts): string {
  return `tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

function quoted(text: string): string {
  return `"${escaped(text).replaceAll(/[\n\r\t]/g, (character) => entities[character] ?? '')}"`;
}

/** XML 1.0 has no way to write most control characters, nor half a surrogate pair. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? '');
}
