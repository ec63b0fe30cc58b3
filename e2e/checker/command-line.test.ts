import { HelpAsked, parseCommandLine, repeatCommand, usage, UsageError } from './command-line.js';
import { allPlants } from './plant-catalogue.js';
import { allScenarios } from './scenario-catalogue.js';

const scenarios = await allScenarios();
const plants = await allPlants();
const asked = (line: string) => parseCommandLine(line.split(' '), scenarios, plants);
const options = 'npm run check:faults --';

describe('the command line', () => {
  it('asks for a scenario, a planted bug or faults at random, and can be asked for again', () => {
    for (const line of [
      '--scenario kill-agent --seed 7 --residents 500',
      '--scenario large-transaction --seed 42 --quick --residents 90',
      '--scenario kill-agent --seed 42 --plant ack-before-kafka --residents 500',
      '--minutes 10 --seed 42 --residents 500',
    ])
      expect(repeatCommand(asked(line))).toBe(`${options} ${line}`);
    expect(repeatCommand(asked('--scenario large-transaction --directory /x'))).toBe(
      `${options} --scenario large-transaction --seed 42 --directory /x`,
    );
    expect(asked('--plant ack-before-kafka').scenario.name).toBe('kill-agent');
  });

  it('is not understood where it asks for what cannot be done', () => {
    for (const line of [
      '--scenario nothing',
      '--scenario kill-agent --minutes 1',
      '--scenario kill-agent --directory /x',
      '--scenario truncate-and-insert --directory /x',
      '--minutes 1 --directory /x',
      '--minutes 0',
      '--minutes 1441',
      '--seed 1',
      '--what',
    ])
      expect(() => asked(line)).toThrow(UsageError);
  });
});

describe('help', () => {
  it('is no mistake, shows examples that are understood, and says what stays behind', () => {
    expect(() => asked('--help')).toThrow(HelpAsked);
    const text = usage(scenarios, plants);
    const examples = [...text.matchAll(/^ {2}npm run check:faults -- (.+)$/gm)].map(([, line = '']) => line);
    expect(examples.length).toBeGreaterThan(1);
    for (const line of examples) expect(asked(line).scenario.name).not.toBe('');
    expect(text).toContain('schema "checker"');
  });
});

describe('faults at random', () => {
  it('are drawn from processes, servers and lines', () => {
    const { describes } = asked('--minutes 1').scenario;
    for (const name of ['kill-agent', 'restart-kafka', 'restart-postgres', 'trouble-line']) expect(describes).toContain(name);
  });
});
