import { loadConfiguration, messageOf } from '@truc/kernel';
import { platformConfiguration } from './configuration.js';
import { startPlatform } from './platform.js';

const [, , configurationFile] = process.argv;
if (configurationFile === undefined) {
  process.stderr.write('usage: node apps/platform/dist/main.js <configuration.json>\n');
  process.exit(3);
}
const stop = new AbortController();
try {
  const configuration = loadConfiguration(platformConfiguration, configurationFile, process.env);
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
