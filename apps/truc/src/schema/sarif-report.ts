import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ruleText, schemaRules } from '@truc/dictionary';
import type { Language } from '@truc/kernel';
import type { TextPlace } from './json-places.js';
import { violationSentence, type PlacedViolation, type SchemaReport } from './schema-report.js';

const compatibility = {
  en: { id: 'FULL_TRANSITIVE', shortDescription: { text: 'all versions can read each other’s data' } },
  vi: { id: 'FULL_TRANSITIVE', shortDescription: { text: 'mọi phiên bản đọc được dữ liệu của nhau' } },
};

/** The report as SARIF 2.1.0 (OASIS): a result for each violation, warnings among them; what could not be evaluated or read is a notification of the run. */
export function sarifReport(report: SchemaReport, language: Language): string {
  const { violations, warnings, incompatibilities, notEvaluated, errors } = report;
  const rules = [...schemaRules.map((id) => ({ id, shortDescription: { text: ruleText(id, language) } })), compatibility[language]];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'truc schema check', language, rules } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: errors.length === 0,
            toolExecutionNotifications: [
              ...errors.map(({ file, line, column, code, message }) => ({
                level: 'error',
                descriptor: { id: code },
                message: { text: message },
                locations: [{ physicalLocation: physicalLocation(file, { line, column }) }],
              })),
              ...notEvaluated.map(({ rule, needs }) => ({
                level: 'note',
                associatedRule: ruleReference(rule),
                message: { text: `${rule}: ${needs}` },
              })),
            ],
          },
        ],
        results: [
          ...violations.map((each) => resultOf(each, 'error', language)),
          ...warnings.map((each) => resultOf(each, 'warning', language)),
          ...incompatibilities.map(({ file, path, message, ...place }) => ({
            ruleId: compatibility.en.id,
            ruleIndex: schemaRules.length,
            level: 'error',
            message: { text: `${path}: ${message}` },
            locations: [{ physicalLocation: physicalLocation(file, place), logicalLocations: [{ fullyQualifiedName: path }] }],
          })),
        ],
        properties: { release: report.release, subject: report.subject },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf(violation: PlacedViolation, level: 'error' | 'warning', language: Language): object {
  const { file, rule, path, element, expected, found, hint } = violation;
  const { id: ruleId, index: ruleIndex } = ruleReference(rule);
  return {
    ruleId,
    ruleIndex,
    level,
    message: { text: `${element ?? path}: ${violationSentence(violation, language)}` },
    locations: [{ physicalLocation: physicalLocation(file, violation), logicalLocations: [{ fullyQualifiedName: path }] }],
    properties: { path, element, expected, found, hint },
  };
}

function ruleReference(rule: PlacedViolation['rule']): { readonly id: string; readonly index: number } {
  return { id: rule, index: schemaRules.indexOf(rule) };
}

function physicalLocation(file: string, { line, column }: TextPlace): object {
  const uri = isAbsolute(file) ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/');
  return { artifactLocation: { uri }, region: { startLine: line, startColumn: column } };
}
