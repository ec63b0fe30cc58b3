import { compileCodec, unframe } from '@truc/avro';
import { decodeMasterDataKey, positionOf, type ChangeEnvelope } from '@truc/change-event';
import { comparePositions, type Position } from '@truc/kernel';
import { Telemetry } from '@truc/telemetry';
import { CaptureFlow } from './capture-flow.js';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { readCaptureState } from './capture-start.js';
import { clock } from './captured-residents.test-data.js';
import type { DatasetApart } from './dataset-apart.js';
import { MemoryParentEntries, MemoryParentFile } from './memory-parent-entries.js';
import { MemoryLog } from './memory-log.test-data.js';
import { capturedAddresses, childTable, dataset, ViaSource } from './via-source.test-data.js';

const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
const codec = compileCodec(dataset.valueSchema);

/** One agent on one source: its log, and its disk. */
export class ViaBackbone {
  readonly log = new MemoryLog();
  file = new MemoryParentFile();
  readonly source: ViaSource;
  readonly #bytesMax: number | undefined;
  apart: readonly DatasetApart[] = [];

  constructor(source: ViaSource, bytesMax?: number) {
    this.source = source;
    this.#bytesMax = bytesMax;
  }

  /** @param storeEveryMs a run that is killed before has stored nothing but what it waited for */
  options(recordsUntilFailure?: number, storeEveryMs = 1): CaptureFlowOptions {
    const { source, log } = this;
    return {
      sourceId: 'g01.population',
      connector: 'postgresql',
      slot: 'truc_population',
      source: {
        stream: (start) => source.stream(start),
        acknowledge: (sequence) => source.acknowledge(sequence),
        readChildren: (wanted) => source.readChildren(wanted),
      },
      tables: new Map([[childTable, capturedAddresses(this.#bytesMax)]]),
      release: 1,
      stateTopic: 't.state',
      quarantineSchemaIds: new Map([[dataset.name, 3]]),
      openWriter: (partitions) => {
        log.mark(partitions);
        return Promise.resolve(log.writer(recordsUntilFailure));
      },
      reader: log.reader(),
      checkSource: (stored) => {
        if (stored !== null && stored.sequence < source.confirmed) throw new Error('confirmed past what is stored');
        return Promise.resolve({ systemIdentifier: '1', timeline: 1 });
      },
      openParentEntries: () => new MemoryParentEntries(this.file),
      onApart: (datasets) => (this.apart = datasets),
      clock,
      telemetry,
      storeEveryMs,
    };
  }

  /** @returns false where it was killed */
  async run(recordsUntilFailure?: number, storeEveryMs?: number): Promise<boolean> {
    try {
      await new CaptureFlow(this.options(recordsUntilFailure, storeEveryMs)).run(AbortSignal.timeout(20_000));
      return true;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'killed') throw error;
      return false;
    }
  }

  state() {
    return readCaptureState(this.options(), AbortSignal.timeout(5_000));
  }

  /** What compaction leaves of the topic, `key address`; and each key ends as its highest event has it. */
  get published(): string[] {
    const keys = new Map<string, { highest: Position; atHighest: string | null; last: string | null }>();
    for (const { key, value, headers } of this.log.records(dataset.topic, 0)) {
      const position = positionOf(headers);
      const place = key.toString('latin1');
      const { code, row } = decodeMasterDataKey(key).key;
      const after = value === null ? null : (codec.decode(unframe(value).body) as ChangeEnvelope).after;
      if (after !== null && after['person_personal_id'] !== code) throw new Error('a row says another code than its key');
      const last = after === null ? null : `${row} ${code} ${String(after['address_detail'])}`;
      const known = keys.get(place);
      const isHighest = known === undefined || comparePositions(position, known.highest) >= 0;
      keys.set(place, isHighest ? { highest: position, atHighest: last, last } : { ...known, last });
    }
    for (const { last, atHighest } of keys.values())
      if (last !== atHighest) throw new Error(`a key ends with ${last}, and its highest event says ${atHighest}`);
    return [...keys.values()].flatMap(({ last }) => last ?? []).toSorted();
  }

  /** Source keys of what quarantine holds. */
  get held(): string[] {
    const last = new Map<string, boolean>();
    for (const { key, value } of this.log.records(dataset.quarantineTopic, 0)) last.set(key.toString(), value !== null);
    return [...last].flatMap(([key, isHeld]) => (isHeld ? [key] : [])).toSorted();
  }
}
