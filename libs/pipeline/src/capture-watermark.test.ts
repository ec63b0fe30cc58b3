import { CaptureWatermark } from './capture-watermark.js';
import { TablePositions } from './table-positions.js';

const progress = (rowsRead: number) => ({ table: 's.t', lastKey: ['1'], rowsRead, rowsEstimated: 10, done: false });

const positions = () => new TablePositions({ sequence: 5n, lags: [] }, new Map(), () => 0);

describe('capture watermark', () => {
  it('gives each point once and never goes back', () => {
    const watermark = new CaptureWatermark(positions(), []);
    expect(watermark.take()).toBeNull();
    watermark.reached(7n, 1_000);
    watermark.reached(6n, 2_000);
    watermark.reached(9n);
    expect(watermark.take()).toEqual({ sequence: 9n, confirmed: 9n, lags: [], snapshots: [], committedAtMs: 1_000 });
    expect(watermark.take()).toBeNull();
    watermark.reached(9n);
    expect(watermark.take()).toBeNull();
  });

  it('stores how far a snapshot is together with the position', () => {
    const watermark = new CaptureWatermark(positions(), [progress(0)]);
    watermark.snapshotRead(progress(4));
    watermark.reached(8n);
    expect(watermark.take()).toEqual({ sequence: 8n, confirmed: 8n, lags: [], snapshots: [progress(4)], committedAtMs: null });
  });
});
