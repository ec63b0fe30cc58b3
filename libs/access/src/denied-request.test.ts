import { deniedRequest } from './denied-request.js';

const line = (type: string, name: string): string =>
  `[data-plane-kafka-request-handler-3] INFO kafka.authorizer.logger - Principal = User:agent.g12 is Denied operation = WRITE from host = 127.0.0.1 on resource = ${type}:LITERAL:${name} for request = Produce with resourceRefCount = 1 based on rule DefaultDeny`;

describe('a denied request', () => {
  it('is read from the line of a broker', () => {
    expect(deniedRequest(line('Topic', 'data.g01.population.resident.v1'))).toEqual({
      principal: 'agent.g12',
      operation: 'WRITE',
      resourceType: 'topic',
      resource: 'data.g01.population.resident.v1',
      request: 'Produce',
    });
    expect(deniedRequest(line('TransactionalId', 'distributor.x'))?.resourceType).toBe('transactional-id');
  });

  it.each(['', 'INFO started', line('Topic', 'x').replace('Denied', 'Allowed'), `Principal = User:${'a'.repeat(100_000)}`])(
    'is nothing else',
    (text) => expect(deniedRequest(text)).toBeNull(),
  );
});
