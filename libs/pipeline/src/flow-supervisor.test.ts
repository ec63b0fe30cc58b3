import { TrucError } from '@truc/kernel';
import { FlowSupervisor, type FlowState } from './flow-supervisor.js';

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

function supervised(run: (signal: AbortSignal) => Promise<void>): {
  flow: FlowSupervisor;
  kinds: string[];
  reached: (kind: FlowState['kind']) => Promise<void>;
} {
  const kinds: string[] = [];
  let told: () => void = () => {};
  const flow = new FlowSupervisor({ run, retryMs: 1, onState: ({ kind }) => (kinds.push(kind), told()) });
  const reached = async (kind: FlowState['kind']): Promise<void> => {
    while (flow.state.kind !== kind) await new Promise<void>((resolve) => (told = resolve));
  };
  return { flow, kinds, reached };
}

describe('flow supervisor', () => {
  it('tries again what may pass by itself', async () => {
    let runs = 0;
    const { flow, kinds, reached } = supervised(async (signal) => {
      runs += 1;
      if (runs < 3) throw new TrucError('LINE_CUT', 'cut', { retry: true });
      await untilAborted(signal);
    });
    await flow.resume();
    await reached('running');
    while (runs < 3) await new Promise((resolve) => setImmediate(resolve));
    await flow.close();
    expect(kinds).toEqual(['running', 'retrying', 'running', 'retrying', 'running', 'closed']);
  });

  it('stops at what needs a person, and tries again when told to', async () => {
    let isMended = false;
    const { flow, kinds, reached } = supervised(async (signal) => {
      if (!isMended) throw new TrucError('CAPTURE_SLOT_MISSING', 'gone');
      await untilAborted(signal);
    });
    await flow.resume();
    await reached('stopped');
    expect(flow.state).toMatchObject({ code: 'CAPTURE_SLOT_MISSING', reason: 'gone' });
    isMended = true;
    await flow.resume();
    await reached('running');
    await flow.close();
    expect(kinds).toEqual(['running', 'stopped', 'waiting', 'running', 'closed']);
  });

  it('retries what stopped and not what is paused, also when it is told so in the moment of the stop', async () => {
    let runs = 0;
    const flow: FlowSupervisor = new FlowSupervisor({
      run: async (signal) => {
        runs += 1;
        if (runs === 1) throw new TrucError('CAPTURE_SLOT_MISSING', 'gone');
        await untilAborted(signal);
      },
      onState: ({ kind }) => void (kind === 'stopped' && flow.retry()),
    });
    await flow.resume();
    while (runs < 2) await new Promise((resolve) => setImmediate(resolve));
    await flow.pause();
    await flow.retry();
    expect(flow.state.kind).toBe('paused');
    await flow.close();
    expect(runs).toBe(2);
  });

  it('pauses, resumes, and stays closed', async () => {
    const { flow, kinds } = supervised(untilAborted);
    await flow.resume();
    await flow.pause();
    expect(flow.state.kind).toBe('paused');
    await flow.resume();
    expect(flow.state.kind).not.toBe('paused');
    await flow.resume();
    await flow.close();
    await flow.resume();
    expect(flow.state.kind).toBe('closed');
    expect(kinds.filter((kind) => kind === 'running')).toHaveLength(2);
  });

  it('is not started by a resume that was on its way when it was closed', async () => {
    // (1) A pause waits for the attempt to end. (2) A resume waits for that pause. (3) A close comes. (4) The attempt ends, and with it all three waits.
    let end: () => void = () => {};
    const { flow, kinds, reached } = supervised(() => new Promise<void>((resolve) => (end = resolve)));
    await flow.resume();
    await reached('running');
    const paused = flow.pause();
    const resumed = flow.resume();
    const closed = flow.close();
    end();
    await Promise.all([paused, resumed, closed]);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(flow.state.kind).toBe('closed');
    expect(kinds.filter((kind) => kind === 'running')).toHaveLength(1);
  });

  it('stands by while another process runs the flow, and again when it was fenced', async () => {
    const others: (string | null)[] = ['in use', 'in use', null, 'in use', null];
    let runs = 0;
    const states: FlowState[] = [];
    const flow = new FlowSupervisor({
      standBy: () => Promise.resolve(others.length > 1 ? (others.shift() ?? null) : null),
      standByMs: 1,
      retryMs: 1,
      run: async (signal) => {
        runs += 1;
        if (runs === 1) throw new TrucError('LOG_FENCED', 'fenced');
        await untilAborted(signal);
      },
      onState: (state) => states.push(state),
    });
    await flow.resume();
    while (runs < 2) await new Promise((resolve) => setImmediate(resolve));
    await flow.close();
    const waiting = { kind: 'waiting', reason: 'in use' };
    expect(states).toEqual([
      waiting,
      { kind: 'running' },
      { kind: 'retrying', code: 'LOG_FENCED', reason: 'fenced', attempt: 1 },
      waiting,
      { kind: 'running' },
      { kind: 'closed' },
    ]);
  });

  it('leaves what fenced it alone where nobody says when that one has left', async () => {
    const { flow, kinds, reached } = supervised(() => Promise.reject(new TrucError('APPLY_FENCED', 'fenced')));
    await flow.resume();
    await reached('stopped');
    expect(kinds).toEqual(['running', 'stopped']);
  });

  it('ends while it stands by, and tries again when it cannot be asked', async () => {
    let asked = 0;
    const flow = new FlowSupervisor({
      standBy: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new TrucError('CAPTURE_CONNECTION_LOST', 'away', { retry: true })) : Promise.resolve('in use');
      },
      retryMs: 1,
      run: () => Promise.reject(new Error('not to be run')),
    });
    await flow.resume();
    while (flow.state.kind !== 'waiting' || flow.state.reason !== 'in use') await new Promise((resolve) => setImmediate(resolve));
    await flow.pause();
    expect(flow.state.kind).toBe('paused');
    await flow.close();
  });
});
