import { initProducerIdV4 } from '@platformatic/kafka';
import { testKafka } from '@truc/testing';
import { BrokerConnections } from './broker-connections.js';
import { parseBrokerAddress } from './kafka-connection.js';
import { answerOf, protocolCode } from './protocol-error.js';
import { ScratchLog, scratchRecord } from './scratch-log.js';

const log = new ScratchLog(testKafka());
const connections = new BrokerConnections(log.connection);
afterAll(async () => {
  await connections.close();
  await log.close();
});

describe('when the epochs of a producer id are used up', () => {
  // Long because a producer id has 32,766 epochs, and they are taken one after the other.
  it('the next owner, under another producer id, fences the former one all the same', async () => {
    const topic = await log.topic('rotation');
    // The brokers make the coordinator's topic when somebody first looks for a coordinator, as a writer does and the bare calls below do not.
    await (await log.writer('rotation-first', topic)).close();
    // The single broker of the test stack is the coordinator.
    const connection = await connections.get(parseBrokerAddress(log.connection.brokers[0]!));
    const producerIds = new Set<bigint>();
    for (let epoch = 0; epoch < 32_764;) {
      const answer = await answerOf(initProducerIdV4.api.async(connection, `${log.prefix}.rotation`, 60_000));
      if (answer.errorCode === protocolCode.none) {
        epoch = answer.producerEpoch;
        producerIds.add(answer.producerId);
      } else await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(producerIds.size).toBe(1);
    let former = await log.writer('rotation', topic);
    for (let n = 0; n < 4; n++) {
      const next = await log.writer('rotation', topic);
      await former.write([scratchRecord(topic, `former-${n}`)]);
      await expect(former.flush()).rejects.toMatchObject({ code: 'LOG_FENCED' });
      await next.write([scratchRecord(topic, `next-${n}`)]);
      await next.flush();
      former = next;
    }
    expect(await log.keys(topic)).toEqual(['next-0', 'next-1', 'next-2', 'next-3']);
    const after = await answerOf(initProducerIdV4.api.async(connection, `${log.prefix}.rotation`, 60_000));
    expect(producerIds.has(after.producerId)).toBe(false);
  }, 300_000);
});
