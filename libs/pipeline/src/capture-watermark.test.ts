import { CaptureWatermark } from './capture-watermark.js';

const progress = (rowsRead: number) => ({ table: 's.t', lastKey: ['1'], rowsRead, rowsEstimated: 10, done: false });

describe('capture watermark', () => {
  it('gives each point once and never goes back', () => {
    const watermark = new CaptureWatermark(5n, []);
    expect(watermark.take()).toBeNull();
    watermark.reached(7n, 1_000);
    watermark.reached(6n, 2_000);
    watermark.reached(9n);
    expect(watermark.take()).toEqual({ sequence: 9n, snapshots: [], committedAtMs: 1_000 });
    expect(watermark.take()).toBeNull();
    watermark.reached(9n);
    expect(watermark.take()).toBeNull();
  });

  it('stores how far a snapshot is together with the position', () => {
    const watermark = new CaptureWatermark(5n, [progress(0)]);
    watermark.snapshotRead(progress(4));
    watermark.reached(8n);
    expect(watermark.take()).toEqual({ sequence: 8n, snapshots: [progress(4)], committedAtMs: null });
  });
});
