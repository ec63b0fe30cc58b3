import { HelpAsked, UsageError } from '../harness/usage.js';
import { parseRegistryRequest } from './registry-request.js';

describe('what is asked of the bench of the registry', () => {
  it('has defaults, and smaller ones for a quick run', () => {
    expect(parseRegistryRequest([])).toMatchObject({ peer: 'apicurio', schemas: 10_000, manySchemas: 100_000, runs: 3, json: false });
    expect(parseRegistryRequest(['--quick', '--json'])).toMatchObject({ quick: true, json: true });
    expect(parseRegistryRequest(['--quick']).manySchemas).toBeLessThan(100_000);
  });

  it('is taken as it is given, and there are never fewer schemas in the end than before', () => {
    expect(parseRegistryRequest(['--peer', 'none', '--schemas', '200000'])).toMatchObject({
      peer: 'none',
      schemas: 200_000,
      manySchemas: 200_000,
    });
    expect(() => parseRegistryRequest(['--schemas', '500', '--many', '400'])).toThrow(UsageError);
  });

  it.each([[['--peer', 'nobody']], [['--runs', '0']], [['--seconds', 'x']], [['--schemas', '1e9']], [['--wrong']], [['word']]])(
    'is not %j',
    (args) => expect(() => parseRegistryRequest(args)).toThrow(UsageError),
  );

  it('is help', () => expect(() => parseRegistryRequest(['--help', '--runs', 'x'])).toThrow(HelpAsked));
});
