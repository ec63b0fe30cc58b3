import { serverProperties, type KafkaConfiguration } from './kafka-configuration.js';

describe('the configuration of a broker', () => {
  const configuration: KafkaConfiguration = {
    port: 9_101,
    controllerPort: 9_102,
    dataDirectory: '/data',
    username: 'platform',
    password: 'secret',
    controllerPassword: 'other',
    line: null,
    settings: {},
  };
  const propertiesOf = (text: string) =>
    new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

  it('has one door for clients, which asks for a password', () => {
    const properties = propertiesOf(serverProperties(configuration));
    expect(properties.get('listeners')).toBe('CLIENT://127.0.0.1:9101,CONTROLLER://127.0.0.1:9102');
    expect(properties.get('advertised.listeners')).toBe('CLIENT://127.0.0.1:9101');
    expect(properties.get('allow.everyone.if.no.acl.found')).toBe('false');
  });

  it('has a second door whose clients are sent to where something stands in between, and which asks for a password too', () => {
    const properties = propertiesOf(serverProperties({ ...configuration, line: { port: 9_103, advertisedPort: 9_104 } }));
    expect(properties.get('listeners')).toBe('CLIENT://127.0.0.1:9101,CONTROLLER://127.0.0.1:9102,LINE://127.0.0.1:9103');
    expect(properties.get('advertised.listeners')).toBe('CLIENT://127.0.0.1:9101,LINE://127.0.0.1:9104');
    expect(properties.get('listener.security.protocol.map')).toContain('LINE:SASL_PLAINTEXT');
    expect(properties.get('listener.name.line.sasl.enabled.mechanisms')).toBe('SCRAM-SHA-512');
  });
});
