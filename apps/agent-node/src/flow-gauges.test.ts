import type { FlowState } from '@truc/pipeline';
import { createLogger } from '@truc/telemetry';
import { FlowGauges } from './flow-gauges.js';

const log = createLogger('test', { level: 'silent' });

function told(...states: readonly FlowState[]): unknown[] {
  const recorded: unknown[] = [];
  const gauges = new FlowGauges('G01', { record: (name, value, labels) => void recorded.push([name, value, { ...labels }]) }, log);
  for (const state of states) gauges.tell('source/population', state);
  return recorded;
}

const source = 'g01.population';
const gap: FlowState = { kind: 'stopped', code: 'CAPTURE_SLOT_MISSING', reason: 'gone' };
const isStopped = ['truc_capture_state', -1, { source }];

describe('metrics of flows', () => {
  it('have no gap any more where another process captures, and may have resolved it', () => {
    expect(told(gap, { kind: 'waiting', reason: 'another process runs this' }, { kind: 'running' })).toEqual([
      isStopped,
      ['truc_capture_state', 0, { source }],
      ['truc_capture_gap', 0, { source, code: 'CAPTURE_SLOT_MISSING' }],
    ]);
  });

  it('keep the gap while its source is paused, and leave other stops to themselves', () => {
    expect(told(gap, { kind: 'paused' })).toEqual([isStopped, ['truc_capture_state', 0, { source }]]);
    const other: FlowState = { kind: 'stopped', code: 'CAPTURE_SLOT_FOREIGN', reason: 'x' };
    expect(told(other, { kind: 'waiting', reason: 'starting' })).toEqual([isStopped, ['truc_capture_state', 0, { source }]]);
  });

  it('tell of other flows by their name', () => {
    const recorded: unknown[] = [];
    const gauges = new FlowGauges('G01', { record: (...what) => void recorded.push(what) }, log);
    gauges.tell('target/tax/view.x', { kind: 'running' });
    expect(recorded).toEqual([['truc_flow_state', 1, { flow: 'target/tax/view.x' }]]);
  });
});
