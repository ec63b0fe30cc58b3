import { compileCodec, frame } from '@truc/avro';
import { datasetValueSchema, encodeMasterDataKey, positionHeaders } from '@truc/change-event';
import { receiveEvent, type TopicExpectation } from './received-event.js';

const schema = datasetValueSchema('t', {
  type: 'record',
  name: 'Row',
  fields: ['person', 'enterprise'].map((name) => ({ name, type: ['null', 'string'], default: null })),
});
const codec = compileCodec(schema);
const position = { epoch: 1, sequence: 5n, index: 0 };

describe('an event of a topic whose keys are of several schemes', () => {
  const expected: TopicExpectation = {
    topic: 't',
    scheme: 'personal-id',
    codeField: 'person',
    otherCodes: [
      { scheme: 'enterprise-code', field: 'enterprise' },
      { scheme: 'agency-code', field: null },
    ],
  };
  const receive = (scheme: string, code: string, after: { person: string | null; enterprise: string | null }): string => {
    const source = {
      connector: 'postgresql',
      sourceId: 's',
      ts_ms: 1n,
      snapshot: false,
      txId: null,
      epoch: 1,
      sequence: 5n,
      index: 0n,
      release: 1,
    };
    const value = frame(2, codec.encode({ before: null, after, source, op: 'c', ts_ms: 1n, transaction: null }));
    const key = encodeMasterDataKey({ scheme, code, row: '1' }, 1);
    const record = { topic: 't', partition: 0, offset: 0n, timestampMs: 1, key, value, headers: positionHeaders(position) };
    const resolved = { keys: new Map([[1, { codec }]]), values: new Map([[2, { codec }]]) };
    const event = receiveEvent(record, expected, resolved);
    return event.kind === 'refused' ? event.reasons.map(({ rule, field }) => `${rule} ${field}`).join() : event.kind;
  };

  it.each([
    ['personal-id', '001099000012', { person: '001099000012', enterprise: null }, 'event'],
    ['enterprise-code', '0100109106', { person: null, enterprise: '0100109106' }, 'event'],
    // Its code is masked, so nothing repeats it.
    ['agency-code', 'x', { person: null, enterprise: null }, 'event'],
    ['enterprise-code', '0100109106', { person: '0100109106', enterprise: null }, 'KEY_CODE_DIFFERS enterprise'],
    ['enterprise-code', '0100109107', { person: null, enterprise: '0100109107' }, 'KEY_CODE_INVALID key'],
    ['real-estate-id', 'A', { person: null, enterprise: null }, 'KEY_SCHEME_DIFFERS key'],
  ])('with a key of %s %s and the row %j is: %s', (scheme, code, after, outcome) => {
    expect(receive(scheme, code, after)).toBe(outcome);
  });
});
