import { ProgressLine } from './progress-line.js';

describe('a progress line', () => {
  it('is silent for two seconds, and then tells a line every two', () => {
    const told: string[] = [];
    let now = 0;
    const progress = new ProgressLine({ write: (text: string) => told.push(text) } as unknown as NodeJS.WriteStream, { now: () => now });
    for (now = 0; now <= 6000; now += 500) progress.tell('population.resident', now, 12_000);
    expect(told).toEqual([
      'population.resident: 16 % of 12,000 offsets\n',
      'population.resident: 33 % of 12,000 offsets\n',
      'population.resident: 50 % of 12,000 offsets\n',
    ]);
  });
});
