import { runService } from '@truc/kernel';
import { generalDatabaseConfiguration } from './configuration.js';
import { startGeneralDatabase } from './general-database.js';

await runService(process, { name: 'general-database', configuration: generalDatabaseConfiguration, start: startGeneralDatabase });
