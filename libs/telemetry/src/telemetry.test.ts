import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { Telemetry } from './telemetry.js';

describe('telemetry', () => {
  it('shows what was recorded by the names of the catalogue', async () => {
    const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
    telemetry.record('truc_capture_rows', 3, { dataset: 'a.b' });
    telemetry.record('truc_capture_rows', 4, { dataset: 'a.b' });
    telemetry.record('truc_capture_lag', 0.25, { source: 's' });
    const text = await telemetry.prometheusText();
    expect(text).toMatch(/truc_capture_rows_total\{[^}]*dataset="a\.b"[^}]*\} 7/);
    expect(text).toMatch(/truc_capture_lag(_seconds)?\{[^}]*source="s"[^}]*\} 0\.25/);
    await telemetry.shutdown();
  });

  it('tells what a counter has come to, by its labels', async () => {
    const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
    expect(await telemetry.counted('truc_capture_rows')).toEqual([]);
    telemetry.record('truc_capture_rows', 3, { dataset: 'a.b' });
    telemetry.record('truc_capture_rows', 4, { dataset: 'a.b' });
    telemetry.record('truc_capture_rows', 5, { dataset: 'c' });
    telemetry.record('truc_capture_published', 1, { dataset: 'a.b' });
    expect(await telemetry.counted('truc_capture_rows')).toEqual([
      { labels: { dataset: 'a.b' }, value: 7 },
      { labels: { dataset: 'c' }, value: 5 },
    ]);
    expect(telemetry.startedAtMs).toBeLessThanOrEqual(Date.now());
    await telemetry.shutdown();
  });

  it('links a batch to the span that produced its records', async () => {
    const spans = new InMemorySpanExporter();
    const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null, spanProcessors: [new SimpleSpanProcessor(spans)] });
    const produced = telemetry.startBatch('produce', { records: 2 }, null);
    const applied = telemetry.startBatch('apply', { records: 2 }, telemetry.traceparent(produced));
    telemetry.endBatch(produced, 'produce', 0.1, null);
    telemetry.endBatch(applied, 'apply', 0.1, { code: 'APPLY_FENCED' });
    const [first, second] = spans.getFinishedSpans();
    expect(second?.links[0]?.context.spanId).toBe(first?.spanContext().spanId);
    expect(second?.status.message).toBe('APPLY_FENCED');
    const stray = telemetry.startBatch('apply', {}, 'not a traceparent');
    stray.end();
    expect(spans.getFinishedSpans()[2]?.links).toEqual([]);
    await telemetry.shutdown();
  });
});
