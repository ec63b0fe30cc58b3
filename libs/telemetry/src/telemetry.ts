import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Link, type Span, type Tracer } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { metricCatalogue, type MetricLabels, type MetricName } from './metric-catalogue.js';

export interface TelemetryOptions {
  readonly service: string;
  /** Base URL of an OTLP/HTTP collector, e.g. http://127.0.0.1:4318; null sends no traces. */
  readonly otlpEndpoint: string | null;
  /** Extra span processors; tests look at spans through one. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/** Stages of a batch's way; one span per batch and stage. */
export type BatchStage = 'capture' | 'produce' | 'process' | 'apply';

/** Header under which a batch's first record carries the W3C trace context of the span that produced it. */
export const TRACE_HEADER = 'traceparent';

/** Counts, measures and traces by the catalogue. One object per process, handed to whoever needs it. */
export class Telemetry {
  readonly service: string;
  /** Since when everything is counted, in milliseconds since the Unix epoch. */
  readonly startedAtMs = Date.now();
  readonly #meters: MeterProvider;
  readonly #exporter: PrometheusExporter;
  readonly #traces: NodeTracerProvider;
  readonly #tracer: Tracer;
  readonly #record = new Map<string, (value: number, labels: Record<string, string>) => void>();

  constructor({ service, otlpEndpoint, spanProcessors = [] }: TelemetryOptions) {
    this.service = service;
    const resource = resourceFromAttributes({ 'service.name': service });
    this.#exporter = new PrometheusExporter({ preventServerStart: true });
    this.#meters = new MeterProvider({ resource, readers: [this.#exporter] });
    const exporters =
      otlpEndpoint === null ? [] : [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/$/, '')}/v1/traces` }))];
    this.#traces = new NodeTracerProvider({ resource, spanProcessors: [...exporters, ...spanProcessors] });
    this.#tracer = this.#traces.getTracer('truc');
    const meter = this.#meters.getMeter('truc');
    for (const [name, definition] of Object.entries(metricCatalogue)) {
      const options = { description: definition.meaning, unit: definition.unit };
      switch (definition.kind) {
        case 'counter': {
          const counter = meter.createCounter(name, options);
          this.#record.set(name, (value, labels) => counter.add(value, labels));
          break;
        }
        case 'gauge': {
          const gauge = meter.createGauge(name, options);
          this.#record.set(name, (value, labels) => gauge.record(value, labels));
          break;
        }
        case 'histogram': {
          const histogram = meter.createHistogram(name, options);
          this.#record.set(name, (value, labels) => histogram.record(value, labels));
          break;
        }
      }
    }
  }

  /** Adds to a counter, sets a gauge or records into a histogram, as the catalogue says. */
  record<N extends MetricName>(name: N, value: number, labels: MetricLabels<N>): void {
    this.#record.get(name)?.(value, labels);
  }

  /** Starts the span of one batch, linked to the span whose `traceparent` came with the records. Attributes are counts and names, never values of rows. */
  startBatch(stage: BatchStage, attributes: Record<string, string | number>, cameFrom: string | null): Span {
    const link = cameFrom === null ? null : linkOf(cameFrom);
    return this.#tracer.startSpan(`truc.${stage}`, { attributes, links: link === null ? [] : [link], root: true }, ROOT_CONTEXT);
  }

  /** The `traceparent` text of a span, to travel in a record header. */
  traceparent(span: Span): string {
    const { traceId, spanId, traceFlags } = span.spanContext();
    return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
  }

  endBatch(span: Span, stage: BatchStage, seconds: number, failure: { code: string } | null): void {
    this.record('truc_batch_duration', seconds, { stage });
    if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure.code });
    span.end();
  }

  /** Everything that was recorded, in Prometheus' text format. */
  async prometheusText(): Promise<string> {
    const { resourceMetrics } = await this.#exporter.collect();
    return new PrometheusSerializer('', false).serialize(resourceMetrics);
  }

  /** What a counter has come to since `startedAtMs`, by its labels. */
  async counted<N extends MetricName>(name: N): Promise<{ readonly labels: MetricLabels<N>; readonly value: number }[]> {
    const { resourceMetrics } = await this.#exporter.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics).filter(({ descriptor }) => descriptor.name === name);
    return metrics.flatMap(({ dataPoints }) =>
      dataPoints.flatMap(({ attributes, value }) => (typeof value === 'number' ? [{ labels: attributes as MetricLabels<N>, value }] : [])),
    );
  }

  async shutdown(): Promise<void> {
    await Promise.allSettled([this.#meters.shutdown(), this.#traces.shutdown()]);
  }
}

function linkOf(traceparent: string): Link | null {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent);
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
  return trace.isSpanContextValid(context) ? { context } : null;
}
