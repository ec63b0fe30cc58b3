import { join } from 'node:path';
import { buildChanged, checkoutRoot, type SourceEdit } from '@truc/local-stack';

/**
 * Takes the value rules out of capture, and what only they ask for: the day that a row's codes apply to. The product has no switch for it; what is compared is another build.
 */
export const rulesOffEdits: readonly SourceEdit[] = [
  {
    file: 'libs/pipeline/src/dataset-capture.ts',
    find: `const referenceDate = mapped.referenceDate ?? isoDateOfDays(vietnamToday({ now: () => committedAtMs }));
    const { outcome, violations, marks } = this.#rules(mapped.row, { referenceDate });`,
    replace: `const { outcome, violations, marks } = judgedByNobody;`,
  },
  {
    file: 'libs/pipeline/src/dataset-capture.ts',
    find: 'interface BoundRelation {',
    replace: `const judgedByNobody: RowJudgement = { outcome: 'pass', violations: [], marks: [] };

interface BoundRelation {`,
  },
];

/** @returns the folder whose `apps/agent-node/dist` publishes every row that can be mapped */
export async function buildWithoutRules(signal: AbortSignal, root = join(checkoutRoot, '.truc', 'bench', 'rules-off')): Promise<string> {
  await buildChanged(rulesOffEdits, root, signal);
  return root;
}
