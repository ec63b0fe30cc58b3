import { parsePrincipal } from '@truc/access';
import type { Problem, SubjectBreak } from '@truc/coordination';
import { visibleTrial } from './visible-trial.js';

describe('a trial, to one of several agencies', () => {
  const documents = [
    { kind: 'source', name: 'G01/population', agency: 'G01' },
    { kind: 'contract', name: 'tax', agency: 'G12' },
  ];
  const problem = (file: string): Problem => ({ file, line: 1, column: 1, code: 'MAPPING_PROTECTION', message: 'x' });
  const broken = (subject: string, contracts: string[]): SubjectBreak => ({
    subject,
    dataset: 'population.resident',
    agency: 'G01',
    contracts,
    violations: [],
    incompatibilities: ['no'],
  });
  const trial = {
    release: 2,
    problems: [problem('(applied source G01/population)'), problem('urn:x')],
    subjects: [broken('data.g01.population.resident.v1-value', []), broken('view.a-value', ['tax'])],
  };
  const seenBy = (agency: string | null, role = 'integrator') => {
    const { problems, subjects, hidden } = visibleTrial(trial, documents, parsePrincipal({ name: 'x', role, agency }));
    return { files: problems.map(({ file }) => file), subjects: subjects.map(({ subject, contracts }) => [subject, contracts]), hidden };
  };
  const dataset = ['data.g01.population.resident.v1-value', []];

  it('shows a view to those whose contract it is, and to whose dataset it is, without the contracts of others', () => {
    expect(seenBy('G12')).toEqual({ files: ['urn:x'], subjects: [dataset, ['view.a-value', ['tax']]], hidden: 1 });
    expect(seenBy('G01')).toEqual({
      files: ['(applied source G01/population)', 'urn:x'],
      subjects: [dataset, ['view.a-value', []]],
      hidden: 0,
    });
  });

  it('tells anybody else only that there is more', () => {
    expect(seenBy('G13')).toEqual({ files: ['urn:x'], subjects: [dataset], hidden: 2 });
    expect(seenBy(null, 'dictionary-authority')).toMatchObject({ subjects: [dataset, ['view.a-value', ['tax']]], hidden: 0 });
  });
});
