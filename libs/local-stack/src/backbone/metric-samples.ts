import type { MetricLabels, MetricName } from '@truc/telemetry';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? +([^ ]+)(?: +[0-9]+)?$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

/** What processes tell at /metrics at one moment, by our catalogue's names. */
export class MetricSamples {
  readonly #samples: readonly Sample[];

  /** @param texts in Prometheus' text format; lines that are not understood are left out */
  constructor(texts: readonly string[]) {
    this.#samples = texts.flatMap(parse);
  }

  /** Sum over every sample with at least these labels; null where there is none. */
  sum<N extends MetricName>(name: N, labels: Partial<MetricLabels<N>> = {}): number | null {
    const found = this.#find(name, labels);
    return found.length === 0 ? null : found.reduce((total, { value }) => total + value, 0);
  }

  /** The largest of them; null where there is none. */
  max<N extends MetricName>(name: N, labels: Partial<MetricLabels<N>> = {}): number | null {
    const found = this.#find(name, labels);
    return found.length === 0 ? null : Math.max(...found.map(({ value }) => value));
  }

  /** The smallest of them; null where there is none. */
  min<N extends MetricName>(name: N, labels: Partial<MetricLabels<N>> = {}): number | null {
    const found = this.#find(name, labels);
    return found.length === 0 ? null : Math.min(...found.map(({ value }) => value));
  }

  /** Counters end in `_total` when they are shown; a unit may stand between. */
  #find(name: string, labels: Readonly<Record<string, string | undefined>>): Sample[] {
    const names = new Set([name, `${name}_total`, `${name}_seconds`, `${name}_bytes`]);
    return this.#samples.filter(
      (sample) =>
        names.has(sample.name) && Object.entries(labels).every(([key, value]) => value === undefined || sample.labels[key] === value),
    );
  }
}

function parse(text: string): Sample[] {
  return text.split('\n').flatMap((row): Sample[] => {
    const [, name, labels = '', value] = line.exec(row) ?? [];
    const number = Number(value);
    if (name === undefined || Number.isNaN(number)) return [];
    return [
      { name, value: number, labels: Object.fromEntries([...labels.matchAll(label)].map(([, key, raw]) => [key, unescape(raw ?? '')])) },
    ];
  });
}

/** Asks every address for its metrics; one that does not answer contributes nothing. */
export async function readMetrics(urls: readonly string[], timeoutMs = 2_000): Promise<MetricSamples> {
  const texts = await Promise.all(
    urls.map(async (url) => {
      try {
        const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
        return response.ok ? await response.text() : '';
      } catch {
        return '';
      }
    }),
  );
  return new MetricSamples(texts);
}
