import { parseArgs } from 'node:util';
import { loadConfiguration, messageOf } from '@truc/kernel';
import { distributorConfiguration } from './configuration.js';
import { startDistributor } from './distributor.js';

const { values } = parseArgs({ options: { config: { type: 'string' } }, strict: false });
if (typeof values.config !== 'string') {
  process.stderr.write('usage: distributor --config FILE\n');
  process.exit(3);
}
try {
  const starting = startDistributor(loadConfiguration(distributorConfiguration, values.config, process.env));
  const end = async (): Promise<void> => {
    await (await starting.catch(() => null))?.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
  await starting;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
