import { refusedAppend } from './refused-append.js';

const line = (place: string): string =>
  `[data-plane-kafka-request-handler-2] ERROR kafka.server.ReplicaManager - [ReplicaManager broker=1] Error processing append operation on partition ${place}`;

describe('records that a broker did not take', () => {
  it.each([
    ['582tNFHPQ8qoxMz8Jxagmw:data.g01.population.resident.v1-0', 'data.g01.population.resident.v1', 0],
    ['data.g01.a-b.v1-11 (kafka.server.ReplicaManager)', 'data.g01.a-b.v1', 11],
  ])('are told of by the place %s', (place, topic, partition) => {
    expect(refusedAppend(line(place))).toEqual({ topic, partition });
  });

  it.each([
    '',
    'INFO started',
    line(''),
    line('a'),
    line(`${'a'.repeat(100_000)}-0`),
    "org.apache.kafka.common.InvalidRecordException: One or more records have been rejected: [RecordError(batchIndex=0, message='x')]",
  ])('are not what %j tells', (text) => expect(refusedAppend(text)).toBeNull());
});
