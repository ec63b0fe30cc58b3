import { parseArgs } from 'node:util';
import { loadConfiguration, messageOf } from '@truc/kernel';
import { platformConfiguration } from './configuration.js';
import { startPlatform } from './platform.js';

const { values } = parseArgs({ options: { config: { type: 'string' } }, strict: false });
if (typeof values.config !== 'string') {
  process.stderr.write('usage: platform --config FILE\n');
  process.exit(3);
}
const stop = new AbortController();
try {
  const configuration = loadConfiguration(platformConfiguration, values.config, process.env);
  const starting = startPlatform(configuration, stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    const platform = await starting.catch(() => null);
    await platform?.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
  await starting;
} catch (error) {
  // Stopped before it had started: that is no failure.
  if (stop.signal.aborted) process.exit(0);
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
