import { TrucError } from '@truc/kernel';
import type { AgentAnswer, PlatformClient } from '@truc/local-stack';
import { datasetQuality, shownHeldRow, type DatasetQuality, type ShownHeldRow, type Unanswered } from '@truc/pipeline';
import { z } from 'zod';

/** A dataset and the source that it is captured from. */
export interface CapturedDataset {
  readonly agency: string;
  readonly source: string;
  readonly dataset: string;
}

export interface DatasetChoice {
  readonly agency?: string | undefined;
  readonly dataset?: string | undefined;
}

/** An agent looks through a whole topic before it answers. */
const timeoutMs = 60_000;

/** What agents tell of their quarantine, by way of the platform. Methods throw as PlatformClient.call does. */
export class QualityClient {
  readonly #platform: PlatformClient;

  constructor(platform: PlatformClient) {
    this.#platform = platform;
  }

  /** The captured datasets that the caller may know of. @throws TrucError QUARANTINE_DATASET_UNKNOWN where none is as it was chosen */
  async captured({ agency, dataset }: DatasetChoice): Promise<CapturedDataset[]> {
    const policy = await this.#platform.policy();
    const all = policy.flatMap((entry) =>
      entry.kind === 'source'
        ? entry.tables.map((table) => ({ agency: entry.agency, source: entry.database, dataset: table.dataset }))
        : [],
    );
    const found = all.filter(
      (one) => (agency === undefined || one.agency === agency) && (dataset === undefined || one.dataset === dataset),
    );
    if (found.length > 0 || (agency === undefined && dataset === undefined)) return found;
    const known = [...new Set(all.map((one) => `${one.agency} ${one.dataset}`))].join(', ') || 'none';
    throw new TrucError(
      'QUARANTINE_DATASET_UNKNOWN',
      `no source of ${agency ?? 'any agency'} that you may see captures ${dataset ?? 'a dataset'}; there are: ${known}`,
    );
  }

  /** Every dataset is asked for by itself; one that does not answer does not hold up the others. An agent that was silent once is not waited for again. */
  async qualities(datasets: readonly CapturedDataset[]): Promise<{ told: DatasetQuality[]; unanswered: Unanswered[] }> {
    const told: DatasetQuality[] = [];
    const unanswered: Unanswered[] = [];
    const silent = new Map<string, string>();
    for (const dataset of datasets) {
      const agent = `${dataset.agency}/${dataset.source}`;
      const silence = silent.get(agent);
      if (silence !== undefined) {
        unanswered.push({ ...dataset, reason: silence });
        continue;
      }
      try {
        told.push(answered(z.looseObject({ quality: datasetQuality }), await this.#ask(dataset, null)).quality);
      } catch (error) {
        if (!(error instanceof TrucError) || !passing.has(error.code)) throw error;
        if (error.code === 'PLATFORM_AGENT_SILENT') silent.set(agent, error.message);
        unanswered.push({ ...dataset, reason: error.message });
      }
    }
    return { told, unanswered };
  }

  /** @throws TrucError QUARANTINE_REFUSED in the agent's words */
  async row(dataset: CapturedDataset, entry: string): Promise<ShownHeldRow> {
    return answered(z.looseObject({ row: shownHeldRow }), await this.#ask(dataset, entry)).row;
  }

  /** The agent's answer as it is: it may refuse. */
  async retry(
    { agency, source, dataset }: CapturedDataset,
    { entry, rule, element }: { readonly entry: string | null; readonly rule?: string | undefined; readonly element?: string | undefined },
  ): Promise<AgentAnswer> {
    const body = { command: 'retry', source, quarantine: { dataset, entry, rule, element }, timeoutMs };
    return (await this.#platform.call('POST', `/v1/agents/${encodeURIComponent(agency)}/commands`, body)) as AgentAnswer;
  }

  async #ask({ agency, source, dataset }: CapturedDataset, entry: string | null): Promise<AgentAnswer> {
    const body = { command: 'quarantine', source, quarantine: { dataset, entry }, timeoutMs };
    return (await this.#platform.call('POST', `/v1/agents/${encodeURIComponent(agency)}/commands`, body)) as AgentAnswer;
  }
}

/** What is of one agent, and no fault of the question. */
const passing: ReadonlySet<string> = new Set([
  'PLATFORM_AGENT_SILENT',
  'PLATFORM_NOT_READY',
  'PLATFORM_ACCESS_DENIED',
  'QUARANTINE_REFUSED',
]);

function answered<T>(schema: z.ZodType<T>, { ok, message, detail }: AgentAnswer): T {
  if (!ok) throw new TrucError('QUARANTINE_REFUSED', `the agent answers: ${message}`);
  const read = schema.safeParse(detail);
  if (read.success) return read.data;
  throw new TrucError('QUARANTINE_REFUSED', 'the agent answers in a form that this truc does not know: have both from the same release');
}
