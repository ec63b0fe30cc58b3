import { setTimeout as sleep } from 'node:timers/promises';
import { Telemetry } from '@truc/telemetry';
import { eventually } from '@truc/testing';
import type { DeliveryReceipt } from './delivery-receipt.js';
import { MemoryLog } from './memory-log.test-data.js';
import { ReceiptLog } from './receipt-log.js';
import type { ReceiptOutbox } from './receipt-outbox.js';
import type { SchemaLookup } from './schema-lookup.js';

const receipt = {} as DeliveryReceipt;

describe('sending receipts', () => {
  const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
  afterAll(() => telemetry.shutdown());

  it('leaves the outbox alone once its time is over, whatever answers late', async () => {
    const asked: string[] = [];
    let answer = (): void => {};
    const late = new Promise<void>((resolve) => (answer = resolve));
    const outbox: ReceiptOutbox = {
      waiting: async () => {
        asked.push('waiting');
        await late;
        return { receipts: [{ id: 1n, receipt }], count: 1 };
      },
      settle: async () => void asked.push('settle'),
    };
    const schemas = {
      idOf: async () => {
        asked.push('idOf');
        return 1;
      },
    } as unknown as SchemaLookup;
    const openWriter = async () => {
      asked.push('openWriter');
      return new MemoryLog().writer();
    };
    const ending = new AbortController();
    const limits = { gatherMs: 1, lookMs: 1, lastMs: 1 };
    const recipient = { consumer: 'general-database', database: 'general' };
    const run = new ReceiptLog({ topic: 'receipts', recipient, outbox, schemas, openWriter, telemetry, limits }).run(ending.signal);
    await eventually(() => asked.length === 1);
    ending.abort();
    await run;
    answer();
    for (let turn = 0; turn < 5; turn += 1) await sleep(1);
    expect(asked).toEqual(['waiting']);
  });
});
