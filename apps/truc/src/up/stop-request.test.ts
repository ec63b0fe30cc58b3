import { StopRequest } from './stop-request.js';

describe('a wish to stop', () => {
  let left: number;
  let stop: StopRequest;
  beforeEach(() => {
    left = 0;
    stop = new StopRequest(() => (left += 1));
  });
  afterEach(() => stop.end());

  const asked = () => ({ wanted: stop.wanted.aborted, atOnce: stop.atOnce.aborted, left });

  it('is first to end in order, then to give up what is left, then to leave', () => {
    stop.hasMoreToGiveUp = true;
    process.emit('SIGINT');
    expect(asked()).toEqual({ wanted: true, atOnce: false, left: 0 });
    process.emit('SIGINT');
    expect(asked()).toEqual({ wanted: true, atOnce: true, left: 0 });
    process.emit('SIGTERM');
    expect(asked()).toEqual({ wanted: true, atOnce: true, left: 1 });
  });

  it('leaves the second time where nothing is left to give up', () => {
    process.emit('SIGTERM');
    process.emit('SIGINT');
    expect(asked()).toEqual({ wanted: true, atOnce: false, left: 1 });
  });

  it('is one only, however often the terminal that closes says it', () => {
    for (let i = 0; i < 3; i++) process.emit('SIGHUP');
    process.stdout.emit('error', new Error('EIO'));
    process.stderr.emit('error', new Error('EIO'));
    expect(asked()).toEqual({ wanted: true, atOnce: false, left: 0 });
  });

  it('of one whose starter was killed is not counted twice', () => {
    process.emit('disconnect');
    process.emit('SIGTERM');
    expect(asked()).toEqual({ wanted: true, atOnce: true, left: 0 });
  });
});
