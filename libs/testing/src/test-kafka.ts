import { stackCoordinates } from './stack-coordinates.js';
import { uniqueTestName } from './test-name.js';

/** The shared broker, as its super user. */
export interface TestKafka {
  readonly brokers: string[];
  readonly username: string;
  readonly password: string;
  readonly mechanism: 'SCRAM-SHA-512';
  /** Unique, lower-case letters and digits: for names of topics, groups and transactional ids, so that test files do not meet. */
  readonly prefix: string;
}

export function testKafka(): TestKafka {
  const { brokers, username, password } = stackCoordinates().kafka;
  return { brokers: [...brokers], username, password, mechanism: 'SCRAM-SHA-512', prefix: uniqueTestName() };
}
