import type { DatasetApart } from '@truc/pipeline';
import type { Logger } from '@truc/telemetry';

/** Datasets that stand apart from the others of their source, as the captures of this node told last. */
export class DatasetsApart {
  readonly #log: Logger;
  /** By flow. */
  readonly #told = new Map<string, readonly DatasetApart[]>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** What a capture tells them to. */
  listener(flow: string): (datasets: readonly DatasetApart[]) => void {
    return (datasets) => {
      const before = new Map((this.#told.get(flow) ?? []).map((one) => [one.dataset, one]));
      this.#told.set(flow, datasets);
      for (const one of datasets) {
        const known = before.get(one.dataset);
        before.delete(one.dataset);
        if (known?.kind === one.kind && known.code === one.code) continue;
        const line = { flow, ...one };
        if (one.kind === 'catching-up') this.#log.info(line, 'a dataset that was stopped catches up');
        else this.#log.error(line, 'a dataset is not captured, and the others of its source are: it needs a person');
      }
      for (const { dataset } of before.values())
        this.#log.info({ flow, dataset }, 'a dataset is captured with the others of its source again');
    };
  }

  /** What was open of it is resolved. */
  forget(flow: string, dataset: string): void {
    this.#told.set(
      flow,
      (this.#told.get(flow) ?? []).filter((one) => one.dataset !== dataset),
    );
  }

  /** Of one flow, by `source/population/population.resident`. */
  of(flow: string): Record<string, Omit<DatasetApart, 'dataset'>> {
    return Object.fromEntries((this.#told.get(flow) ?? []).map(({ dataset, ...more }) => [`${flow}/${dataset}`, more]));
  }

  /** Whether a new attempt could change anything. */
  hasStopped(flow: string): boolean {
    return this.#told.get(flow)?.some(({ kind }) => kind === 'stopped') ?? false;
  }
}
