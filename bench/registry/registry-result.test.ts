import type { HttpLoadMeasure } from '../harness/http-load.js';
import { missedTargets, vsApicurio, workloadResult, type OwnMeasures, type RegistryResult } from './registry-result.js';

const run = (perSecond: number, p99: number): HttpLoadMeasure => ({ answers: 1, seconds: 1, perSecond, p50: 0, p99 });
const result = (name: string, [getById, registerNew, registerVersion]: [number, number][]): RegistryResult => {
  const of = (rate: [number, number] | undefined) => workloadResult(rate === undefined ? [] : [run(...rate)]);
  return { name, workloads: { getById: of(getById), registerNew: of(registerNew), registerVersion: of(registerVersion) } };
};
const good: OwnMeasures = { lossWithMany: 0.1, manySchemas: 1, readySeconds: 1, memoryMebibytes: 150, memoryMebibytesBefore: 100 };

describe('the results of the registry', () => {
  it('are medians', () => {
    expect(workloadResult([run(1, 9), run(3, 7), run(2, 8)])).toMatchObject({ perSecond: 2, p99: 8 });
    expect(workloadResult([])).toMatchObject({ perSecond: null, p99: null });
  });

  it('are for 1 of the peer, and the worse of both kinds of registration', () => {
    const ours = result('ours', [
      [8_000, 2],
      [600, 10],
      [900, 30],
    ]);
    const theirs = result('theirs', [
      [2_000, 8],
      [100, 20],
      [300, 40],
    ]);
    expect(vsApicurio(ours, theirs)).toEqual({ getById: 4, register: 3, p99GetById: 0.25, p99Register: 0.75 });
    expect(vsApicurio(ours, null)).toEqual({ getById: null, register: null, p99GetById: null, p99Register: null });
  });

  it('miss each target by itself, and none that was not measured', () => {
    const met = { getById: 4, register: 3, p99GetById: 1, p99Register: 1 };
    const unknown = { getById: null, register: null, p99GetById: null, p99Register: null };
    expect([missedTargets(met, good), missedTargets(unknown, { ...good, lossWithMany: null, memoryMebibytes: null })]).toEqual([[], []]);
    const worse: [object, object][] = [
      [{ getById: 3.9 }, {}],
      [{ register: 2.9 }, {}],
      [{ p99GetById: 1.1 }, {}],
      [{ p99Register: 1.1 }, {}],
      [{}, { lossWithMany: 0.21 }],
      [{}, { readySeconds: 2.1 }],
      [{}, { memoryMebibytes: 201 }],
    ];
    const sentences = worse.map(([versus, own]) => missedTargets({ ...met, ...versus }, { ...good, ...own }));
    expect(sentences.map((missed) => missed.length)).toEqual(worse.map(() => 1));
    expect(new Set(sentences.flat()).size).toBe(worse.length);
  });
});
