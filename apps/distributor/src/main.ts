import { runService } from '@truc/kernel';
import { distributorConfiguration } from './configuration.js';
import { startDistributor } from './distributor.js';

await runService(process, { name: 'distributor', configuration: distributorConfiguration, start: startDistributor });
