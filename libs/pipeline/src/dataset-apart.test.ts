import { datasetsApart } from './dataset-apart.js';

it('a stopped dataset is told of with commands that can be typed', () => {
  const place = { table: 'dancu.cu_dan', dataset: 'population.resident', topic: 't', sequence: 5n, stoppedAt: { sequence: 7n, index: 0 } };
  const lag = { kind: 'stopped', ...place, code: 'CAPTURE_RULE_STOP', reason: 'a row breaks V2', sinceMs: 1 } as const;
  const [apart] = datasetsApart({ sourceId: 'g01.population', lags: [lag], gaps: [], heldBytesMax: 1024, heldBytesOf: () => 512 });
  expect(apart?.reason).toContain('truc agent resume G01 --source population. ');
  expect(apart?.reason).toContain('truc agent resolve G01 population --dataset population.resident --gap CAPTURE_RULE_STOP --reason "..."');
});
