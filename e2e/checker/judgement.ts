import type { PolicyEntry } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import type { BackboneAccess } from './backbone-access.js';
import type { HistoryFile } from './history-file.js';
import type { InvariantName } from './invariant-name.js';
import { judgeGaps } from './invariants/gap-naming.js';
import { judgeRecovery } from './invariants/recovery.js';
import { judgeReplays } from './invariants/replay.js';
import type { LogEnds } from './log-ends.js';
import { Judges } from './judges.js';
import { RegistrySchemas } from './registry-schemas.js';
import type { ExpectedGap } from './scenario.js';
import type { Target } from './target-audit.js';
import type { Place } from './position.js';
import { judgeTargets } from './target-judgement.js';
import { TopicJudgement } from './topic-judgement.js';
import type { Finding } from './verdict.js';

export interface JudgementOptions {
  readonly backbone: BackboneAccess;
  readonly policy: readonly PolicyEntry[];
  readonly targets: { readonly general: Target; readonly subscriber: Target };
  readonly history: HistoryFile;
  /** Operations of this run have this number or a higher one. */
  readonly firstOp: number;
  /** Where the checked source's first gap is, or the end of the epoch in which the run began. */
  readonly knownUpTo: Place;
  /** Invariants that the run must evaluate. */
  readonly required: readonly InvariantName[];
  readonly expectedGaps: readonly ExpectedGap[];
  /** How many sources told their state when everything was over. */
  readonly sourcesAsked: number;
  /** Where reading of datasets and views begins: what is before was judged by an earlier run. */
  readonly judged: LogEnds;
  /** Of the log when everything had arrived. */
  readonly ends: LogEnds;
  /** Whether nobody but the checker writes to the sources. */
  readonly isAlone: boolean;
  readonly signal: AbortSignal;
}

/** Reads everything back, at rest, and judges it. @throws TrucError where something cannot be read */
export async function judge(options: JudgementOptions): Promise<Finding[]> {
  const { backbone, history, required, expectedGaps, sourcesAsked, signal } = options;
  const judges = await Judges.of(options);
  const reader = openLogReader({ connection: backbone.kafka });
  try {
    const schemas = new RegistrySchemas(backbone.registryUrl, backbone.administratorToken);
    const topics = new TopicJudgement(options, judges, { reader, schemas, signal });
    await topics.all();
    await judgeTargets(options, judges, topics);
  } finally {
    await reader.close();
  }
  return [
    judges.completeness.finding(),
    judges.commitment.finding(),
    judges.order.finding(),
    judges.monotony.finding(),
    judges.equality.finding(),
    judgeReplays(history.events),
    judges.receipts.finding(),
    judgeRecovery(history.faults, history.events, required.includes('I8')),
    judgeGaps(history.events, expectedGaps, sourcesAsked),
  ];
}
