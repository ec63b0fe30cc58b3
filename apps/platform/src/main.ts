import { runService } from '@truc/kernel';
import { platformConfiguration } from './configuration.js';
import { startPlatform } from './platform.js';

await runService(process, { name: 'platform', configuration: platformConfiguration, start: startPlatform });
