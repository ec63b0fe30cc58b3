import { runService } from '@truc/kernel';
import { startBrokerAccess } from './broker-access.js';
import { brokerAccessConfiguration } from './configuration.js';

await runService(process, {
  name: 'broker-access',
  configuration: brokerAccessConfiguration,
  start: (configuration) => startBrokerAccess(configuration),
});
